/** The message deadline (spec section 4, #111) and hostile bytes. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binaryHeaders, phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await TestRelay.start({ messageTimeoutMs: 1_000, graceMs: 60_000 });
});
afterAll(() => relay.dispose());

const phone = async (): Promise<{ raw: RawSocket; serverId: string }> => {
  const serverId = relay.peers.serverId();
  await relay.peers.binary(serverId);
  return { serverId, raw: await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId)) };
};

/** Resolves with the time until TCP ended. */
const cutAfterMs = async (raw: RawSocket): Promise<number> => {
  const startedAt = performance.now();
  await raw.ended;
  raw.destroy();
  return performance.now() - startedAt;
};

describe('TestWSConn_*: the message deadline', () => {
  test('cuts a peer that starts a message and stops', async () => {
    const { raw, serverId } = await phone();
    raw.write(clientFrame('"never finished"').subarray(0, 9));
    expect(await cutAfterMs(raw)).toBeGreaterThan(900);
    await relay.logged('message_timeout', { server_id: serverId });
  });

  test('cuts a peer that dribbles a message, although bytes keep arriving', async () => {
    const { raw, serverId } = await phone();
    const bytes = clientFrame(`"${'x'.repeat(5_000)}"`);
    let at = 0;
    const dribble = setInterval(() => raw.write(bytes.subarray(at, ++at)), 20);
    await cutAfterMs(raw);
    clearInterval(dribble);
    await relay.logged('message_timeout', { server_id: serverId });
  });

  test('cuts a peer that never ends a fragmented message, although its pings are answered meanwhile', async () => {
    const { raw, serverId } = await phone();
    raw.send('"first half', { fin: false });
    const pings = setInterval(() => raw.send('p', { opcode: 9 }), 100);
    expect((await raw.frame())?.opcode).toBe(10);
    await cutAfterMs(raw);
    clearInterval(pings);
    await relay.logged('message_timeout', { server_id: serverId });
  });

  test('cuts a binary too, which starts grace', async () => {
    const serverId = relay.peers.serverId();
    const raw = await new RawSocket(relay.port).upgrade('/v1/server', binaryHeaders(serverId));
    raw.write(clientFrame('{}').subarray(0, 1));
    await cutAfterMs(raw);
    await relay.logged('message_timeout', { server_id: serverId });
    await relay.logged('server_released', { server_id: serverId });
  });

  test('spares a peer that sends nothing and one that completes message after message', async () => {
    const { raw } = await phone();
    const quiet = await phone();
    // Never aligned with the sweep, and with the next message always started.
    const whole = clientFrame('"x"');
    raw.write(whole.subarray(0, 3));
    for (let i = 0; i < 40; i++) {
      await new Promise((resolve) => setTimeout(resolve, 75));
      raw.write(Buffer.concat([whole.subarray(3), whole.subarray(0, 3)]));
    }
    for (const { raw: peer } of [{ raw }, quiet]) {
      if (peer === raw) raw.write(whole.subarray(3));
      peer.send('p', { opcode: 9 });
      expect((await peer.frame())?.opcode).toBe(10);
      peer.destroy();
    }
  });
});

describe('hostile bytes', () => {
  test('random bytes instead of a request are answered with an error or cut, and affect no other peer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async (bytes) => {
        const raw = new RawSocket(relay.port);
        raw.write(Buffer.from(bytes));
        raw.socket.end('\r\n\r\n');
        await raw.ended;
        raw.destroy();
        const text = raw.received.toString('latin1');
        expect(text === '' || text.startsWith('HTTP/1.1 4')).toBe(true);
      }),
      { numRuns: 60 },
    );
    const { raw } = await phone();
    raw.destroy();
  });

  test.each(['/v1/client', '/v1/server'])(
    'random bytes after the upgrade on %s close only that connection',
    async (path) => {
      const serverId = relay.peers.serverId();
      const watcher = await relay.peers.binary(serverId);
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 2, maxLength: 300 }), async (bytes) => {
          const target = path === '/v1/client' ? serverId : relay.peers.serverId();
          const headers = path === '/v1/client' ? phoneHeaders(target) : binaryHeaders(target);
          const raw = await new RawSocket(relay.port).upgrade(path, headers);
          raw.write(Buffer.from(bytes));
          raw.socket.end();
          await raw.ended;
          raw.destroy();
        }),
        { numRuns: 60 },
      );
      await watcher.roundTrip();
      // Any of the bytes that formed a message must have been delivered as JSON or not at all.
      for (const envelope of watcher.inbox.drain())
        expect(() => JSON.parse(envelope) as unknown).not.toThrow();
    },
  );

  test.each([
    ['unmasked', clientFrame('{}', { masked: false }), 1002],
    ['reserved opcode', clientFrame('{}', { opcode: 3 }), 1002],
    ['continuation of nothing', clientFrame('{}', { opcode: 0 }), 1002],
    ['fragmented ping', clientFrame('x', { opcode: 9, fin: false }), 1002],
    ['close code 1005 on the wire', clientFrame(Buffer.from([0x03, 0xed]), { opcode: 8 }), 1002],
    ['close reason that is not UTF-8', clientFrame(Buffer.from([0x03, 0xe8, 0xff]), { opcode: 8 }), 1007],
  ])('%s: closed with the right code', async (_, bytes, code) => {
    const { raw } = await phone();
    raw.write(bytes);
    expect(await raw.closeCode()).toBe(code);
    raw.destroy();
  });

  test.each(['/nope', '/v1/server', '/healthz'])(
    'an upgrade of %s behind a pipelined request is discarded with its connection, and affects no other peer',
    async (path) => {
      const raw = new RawSocket(relay.port);
      const upgrade = 'HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
      raw.write(`GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET ${path} ${upgrade}`);
      expect((await raw.answer()).status).toBe(200);
      await raw.ended;
      expect(raw.received.toString()).toBe('');
      raw.destroy();
      expect(await relay.metric('internal_faults_total')).toBe(0);
    },
  );

  test('bytes sent right after the upgrade request are read as the first message', async () => {
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const raw = new RawSocket(relay.port);
    raw.socket.cork();
    raw.request('GET', '/v1/client', RawSocket.handshakeHeaders(phoneHeaders(serverId)));
    raw.send('"at once"');
    raw.socket.uncork();
    expect(await binary.nextEnvelope()).toMatchObject({ frame: 'at once' });
    raw.destroy();
  });

  test('a TCP reset at any moment leaves nothing registered', async () => {
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    for (let i = 0; i < 30; i++) {
      const raw = new RawSocket(relay.port);
      raw.request('GET', '/v1/client', RawSocket.handshakeHeaders(phoneHeaders(serverId)));
      if (i % 3 > 0) await raw.answer();
      if (i % 3 > 1) raw.write(randomBytes(5));
      raw.reset();
    }
    while ((await relay.health()).phones > 0) await binary.roundTrip();
    expect(await relay.health()).toMatchObject({ phones: 0 });
  });

  test('a peer that floods pings without reading is closed, and cut when it does not answer', async () => {
    const { raw, serverId } = await phone();
    raw.socket.pause();
    raw.write(
      Buffer.concat(Array.from({ length: 400_000 }, () => clientFrame('x'.repeat(100), { opcode: 9 }))),
    );
    await relay.logged('control_frames_flood', { server_id: serverId });
    await relay.logged('phone_unregistered', { server_id: serverId });
    raw.destroy();
  });

  test('too many fragments close the connection with 1008', async () => {
    const { raw } = await phone();
    raw.send('"', { fin: false });
    const piece = clientFrame('', { opcode: 0, fin: false });
    raw.write(Buffer.concat(Array.from({ length: 17_000 }, () => piece)));
    expect(await raw.closeCode()).toBe(1008);
    raw.destroy();
  });
});
