/** F10 and section 4 of the specification: slow phones, slow binaries, and everyone else. To the byte: `test/transport`. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RelayOptions } from '../../src/relay.ts';
import { MeasuredRelay } from '../support/measured-relay.ts';
import { binaryHeaders, Peer, Peers, phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { SlowLink } from '../support/slow-link.ts';

let relay: TestRelay;
let isRunning = false;
const start = async (options: RelayOptions = {}): Promise<void> => {
  relay = await TestRelay.start(options);
  isRunning = true;
};
afterEach(async () => {
  if (isRunning) await relay.dispose();
  isRunning = false;
});

const NO_SERVER = { code: 4404, reason: 'no server with that id' };

const frameTo = (connId: string, frame: string): string => `{"conn_id":"${connId}","frame":${frame}}`;
const filler = (bytes: number): string => `"${'x'.repeat(bytes - 2)}"`;

/** More than the relay's queue and the kernel's buffers take from one phone; the rest stays with the phone. */
const sendTooMuch = (phone: Peer): void => {
  for (let i = 0; i < FLOOD; i++) phone.send(`{"i":${i},"p":"${'x'.repeat(80_000)}"}`);
};
const FLOOD = 300;

const POLL_MS = 50;

/** Resolves when these phones are paused and no data moves between them and their binary. */
const queueIsFull = async (...phones: readonly Peer[]): Promise<void> => {
  for (let before = '', now = '0'; now !== before; ) {
    before = now;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const pauses = (await relay.metric('phone_pauses_total')) ?? 0;
    const forwarded = await relay.metric('frames_forwarded_total{direction="phone_to_binary"}');
    // Differs each time while no phone is paused.
    const reading = pauses > 0 ? pauses : performance.now();
    now = [reading, forwarded, ...phones.map(({ ws }) => ws.bufferedAmount)].join();
  }
};

test('the longest frame that can be configured reaches an idle peer, both ways', async () => {
  const maxFrameBytes = 16 * 1_024 * 1_024;
  await start({ maxFrameBytes, phoneBacklogBytes: maxFrameBytes + 64 });
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
  const up = filler(maxFrameBytes);
  phone.send(up);
  expect((await binary.next()) === frameTo(connId, up)).toBe(true);
  const down = filler(maxFrameBytes - frameTo(connId, '').length);
  binary.send(frameTo(connId, down));
  expect((await phone.next()) === down).toBe(true);
});

describe('a slow phone', () => {
  test('TestPhoneOutbox_Burst_DeliveredInOrder: a burst of 1,000 frames of 2.5 KB is delivered in order', async () => {
    await start();
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
    const pad = 'x'.repeat(2_480);
    for (let i = 0; i < 1_000; i++) binary.send(frameTo(connId, `{"i":${i},"p":"${pad}"}`));
    const frames = await phone.inbox.take(1_000);
    expect(frames.map((frame) => (JSON.parse(frame) as { i: number }).i)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => i),
    );
  });

  test('TestPhoneOutbox_BacklogFull_Closes1011: its siblings and the binary are unaffected', async () => {
    await start();
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone: stalled, connId } = await relay.peers.knownPhone(serverId, binary);
    const sibling = await relay.peers.knownPhone(serverId, binary);
    stalled.ws.pause();
    const large = frameTo(connId, filler(200_000));
    let sent = 0;
    // Send until the relay reports a full backlog. The kernel's buffers must fill up first.
    const full = relay.logged('binary_forwarder_phone_enqueue_failed', { server_id: serverId });
    for (let isFull = false; !isFull && sent < 200; sent++) {
      binary.send(large);
      binary.send(frameTo(sibling.connId, String(sent)));
      expect(await sibling.phone.next()).toBe(String(sent));
      isFull = relay.events('binary_forwarder_phone_enqueue_failed').length > 0;
    }
    expect((await full).fields).toMatchObject({ conn_id: connId, err: 'phone backlog full' });
    expect(await relay.health()).toEqual({ binaries: 1, phones: 1 });
    stalled.ws.resume();
    expect(await stalled.closed).toEqual({ code: 1011, reason: 'phone backlog full' });
    // The phone echoes the code, and the binary gets a notice as for any other close.
    expect(await binary.nextEnvelope()).toEqual({ conn_id: connId, close_code: 1011 });
    binary.send(frameTo(sibling.connId, '"fine"'));
    expect(await sibling.phone.next()).toBe('"fine"');
    expect(await relay.metric('connections_left_total{role="phone",cause="backlog_full"}')).toBe(1);
  });

  test('its backlog is limited in bytes, plus 64 per frame, exact to the byte', async () => {
    const budget = 10_000;
    await start({ phoneBacklogBytes: budget, maxFrameBytes: 9_000 });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const fits = await relay.peers.knownPhone(serverId, binary);
    const half = filler(budget / 2 - 64);
    binary.sendTogether([frameTo(fits.connId, half), frameTo(fits.connId, half)]);
    expect(await fits.phone.inbox.take(2)).toEqual([half, half]);
    const bursts = await relay.peers.knownPhone(serverId, binary);
    const longer = filler(budget / 2 - 63);
    binary.sendTogether([frameTo(bursts.connId, half), frameTo(bursts.connId, longer)]);
    expect(await bursts.phone.closed).toEqual({ code: 1011, reason: 'phone backlog full' });
  });

  test('is closed with the code of a directive even if the directive’s frame does not fit', async () => {
    await start({ phoneBacklogBytes: 2_000, maxFrameBytes: 1_900 });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
    const frame = filler(1_500);
    binary.sendTogether([
      frameTo(connId, frame),
      `{"conn_id":"${connId}","frame":${frame},"close_code":4421}`,
    ]);
    expect(await phone.closed).toEqual({ code: 4421, reason: 'phone backlog full' });
    const illegal = await relay.peers.knownPhone(serverId, binary);
    binary.sendTogether([
      frameTo(illegal.connId, frame),
      `{"conn_id":"${illegal.connId}","frame":${frame},"close_code":999}`,
    ]);
    expect((await illegal.phone.closed).code).toBe(1011);
  });

  test('is closed if it reads nothing for the write timeout', async () => {
    // The backlog is too large for this test to fill, so the stalled write closes the phone.
    await start({ writeTimeoutMs: 1_000, phoneBacklogBytes: 64 * 1024 * 1024 });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
    const sibling = await relay.peers.knownPhone(serverId, binary);
    phone.ws.pause();
    for (let i = 0; i < 400; i++) binary.send(frameTo(connId, filler(60_000)));
    const failed = await relay.logged('binary_forwarder_phone_send_failed', { server_id: serverId });
    expect(failed.fields).toMatchObject({ conn_id: connId });
    expect(await relay.health()).toEqual({ binaries: 1, phones: 1 });
    binary.send(frameTo(sibling.connId, '"fine"'));
    expect(await sibling.phone.next()).toBe('"fine"');
    phone.ws.resume();
    // The kernel still delivers what it had accepted. Of the rest, only the close frame is sent.
    expect(await phone.closed).toEqual({ code: 1011, reason: 'phone write failed' });
    expect(phone.inbox.size).toBeLessThan(400);
  });

  test('stays connected and answers pings on a slow link with a full backlog', async () => {
    await start({
      heartbeatIntervalMs: 500,
      heartbeatTimeoutMs: 3_000,
      writeTimeoutMs: 3_000,
    });
    // The kernel buffers about as much as our queue. At this rate, both together take far longer than the write timeout.
    const link = await SlowLink.to(relay.port, { downBytesPerSecond: 1_500_000 });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const phone = await new Peer(`${link.url}/v1/client`, phoneHeaders(serverId)).open();
    phone.send('"hello"');
    const { conn_id: connId } = await binary.nextEnvelope();
    let pings = 0;
    phone.ws.on('ping', () => pings++);
    const frames = 200;
    const paced = (async () => {
      for (let i = 0; i < frames; i++) {
        binary.send(frameTo(connId, filler(60_000)));
        if (i > 100) await new Promise((resolve) => setTimeout(resolve, 40));
      }
    })();
    const received = await phone.inbox.take(frames, 30_000);
    await paced;
    expect(received.every((frame) => frame.length === 60_000)).toBe(true);
    expect(pings).toBeGreaterThan(2);
    expect(phone.ws.readyState).toBe(phone.ws.OPEN);
    link.dispose();
  });
});

describe('a slow binary', () => {
  test('pauses its phones, and gets every frame of each phone in order once it reads again', async () => {
    await start();
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const phones = [];
    for (let i = 0; i < 4; i++) phones.push(await relay.peers.knownPhone(serverId, binary));
    binary.ws.pause();
    const frames = 100;
    const bytes = 80_000;
    for (let i = 0; i < frames; i++) {
      for (const { phone } of phones) phone.send(`{"i":${i},"p":"${'x'.repeat(bytes)}"}`);
    }
    // Of the 32 MB sent, the relay holds only a fraction; the rest stays with the phones.
    await queueIsFull(...phones.map(({ phone }) => phone));
    const unsent = phones.reduce((sum, { phone }) => sum + phone.ws.bufferedAmount, 0);
    expect(unsent).toBeGreaterThan(2_000_000);
    binary.ws.resume();
    const next = new Map(phones.map(({ connId }) => [connId, 0]));
    for (let i = 0; i < frames * phones.length; i++) {
      const { conn_id: connId, frame } = await binary.nextEnvelope();
      const expected = next.get(connId);
      expect((frame as { i: number }).i).toBe(expected);
      next.set(connId, (expected ?? 0) + 1);
    }
    expect([...next.values()]).toEqual(phones.map(() => frames));
  });

  test('a phone that registers meanwhile is paused before it sends anything, and resumed when the queue is short', async () => {
    await start();
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone } = await relay.peers.knownPhone(serverId, binary);
    await relay.logged('phone_registered', { server_id: serverId });
    binary.ws.pause();
    sendTooMuch(phone);
    await queueIsFull(phone);
    const pauses = (await relay.metric('phone_pauses_total')) ?? 0;
    const late = await relay.peers.phone(serverId);
    await relay.logged('phone_registered', { server_id: serverId });
    expect(await relay.metric('phone_pauses_total')).toBe(pauses + 1);
    late.send('"late"');
    binary.ws.resume();
    const envelopes = await binary.inbox.take(FLOOD + 1, 20_000);
    expect(envelopes.some((text) => text.includes('"late"'))).toBe(true);
  });

  test('no message deadline runs while a phone is paused in the middle of a message', async () => {
    await start({ messageTimeoutMs: 1_000 });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone } = await relay.peers.knownPhone(serverId, binary);
    binary.ws.pause();
    sendTooMuch(phone);
    await queueIsFull(phone);
    // Two other messages that stall one after the other are cut: the deadline has passed twice.
    for (const other of [relay.peers.serverId(), relay.peers.serverId()]) {
      await relay.peers.binary(other);
      const stalled = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(other));
      stalled.write(clientFrame('"never finished"').subarray(0, 9));
      await relay.logged('message_timeout', { server_id: other });
      stalled.destroy();
    }
    expect(relay.events('message_timeout')).toHaveLength(2);
    binary.ws.resume();
    expect(await binary.inbox.take(FLOOD, 20_000)).toHaveLength(FLOOD);
    await phone.roundTrip();
  });

  test('is closed if it reads nothing for the write timeout, and its phones are resumed', async () => {
    await start({ writeTimeoutMs: 1_000, graceMs: 60_000 });
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone } = await relay.peers.knownPhone(serverId, binary);
    binary.ws.pause();
    sendTooMuch(phone);
    await relay.logged('server_released', { server_id: serverId });
    expect(relay.events('binary_write_failed')).toHaveLength(1);
    // Once it is resumed, its next message finds no binary.
    expect(await phone.closed).toEqual(NO_SERVER);
  });

  test('when it breaks the protocol, its phones are resumed before its socket has ended', async () => {
    await start({ graceMs: 60_000 });
    const serverId = relay.peers.serverId();
    const raw = await new RawSocket(relay.port).upgrade('/v1/server', binaryHeaders(serverId));
    const phone = await relay.peers.phone(serverId);
    raw.socket.pause();
    sendTooMuch(phone);
    await queueIsFull(phone);
    raw.write(clientFrame('{}', { opcode: 3 }));
    expect(await phone.closed).toEqual(NO_SERVER);
    expect(relay.events('binary_forwarder_read_end')).toEqual([]);
    raw.destroy();
  });

  describe('that has ended its side of TCP before everything was written to it', () => {
    let serverId: string;
    let raw: RawSocket;
    let loud: Peer;
    let quiet: Peer;
    beforeEach(async () => {
      // No deadline may pass before the probe's.
      await start({ graceMs: 60_000, writeTimeoutMs: 60_000, probeTimeoutMs: 60_000 });
      serverId = relay.peers.serverId();
      raw = await new RawSocket(relay.port).upgrade('/v1/server', binaryHeaders(serverId));
      loud = await relay.peers.phone(serverId);
      quiet = await relay.peers.phone(serverId);
      raw.socket.pause();
      sendTooMuch(loud);
      await queueIsFull(loud);
      await new Promise<void>((resolve) => raw.socket.end(resolve));
      // The end has been read by the time a later ping has been answered.
      await quiet.roundTrip();
    });
    afterEach(() => raw.destroy());

    test('a frame for it is not swallowed: its phone is closed, and grace begins', async () => {
      quiet.send('"anyone?"');
      expect(await quiet.closed).toEqual(NO_SERVER);
      await relay.logged('server_released', { server_id: serverId });
    });

    test('a claim finds it closed at once, and is a reclaim', async () => {
      await relay.peers.dialBinary(serverId).open();
      expect(await quiet.closed).toEqual({ code: 4404, reason: 'binary reclaimed server-id' });
      expect(relay.events('server_id_takeover')).toEqual([]);
    });
  });

  test('survives a conflict probe if it is still reading', async () => {
    await start({ probeTimeoutMs: 4_000 });
    const link = await SlowLink.to(relay.port, { downBytesPerSecond: 4_000_000 });
    const serverId = relay.peers.serverId();
    const binary = await new Peer(`${link.url}/v1/server`, binaryHeaders(serverId)).open();
    const phone = await relay.peers.phone(serverId);
    sendTooMuch(phone);
    for (let pauses = 0; pauses === 0; ) pauses = (await relay.metric('phone_pauses_total')) ?? 0;
    const claimant = await relay.peers.dialBinary(serverId).open();
    expect((await claimant.closed).code).toBe(4409);
    expect(await binary.inbox.take(FLOOD, 30_000)).toHaveLength(FLOOD);
    link.dispose();
  });
});

describe('with a binary that reads nothing, the relay’s memory stays bounded', () => {
  let daemon: RelayProcess | undefined;
  const peers = new Peers(() => daemon?.url ?? '');
  afterEach(() => {
    peers.dispose();
    daemon?.kill();
    daemon = undefined;
  });

  const residentMiB = (): number => {
    const status = readFileSync(`/proc/${daemon?.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
  };

  test('TestPhoneOutbox_StalledPhone_BoundedBytes in reverse: when phones send as much as they can', async () => {
    daemon = await RelayProcess.start(['--write-timeout', '60s']);
    const serverId = peers.serverId();
    const binary = await peers.binary(serverId);
    const phones = await Promise.all(Array.from({ length: 16 }, () => peers.phone(serverId)));
    const before = residentMiB();
    binary.ws.pause();
    const frame = `"${'x'.repeat(80_000)}"`;
    // 190 MB, most of which the relay must not hold.
    for (let i = 0; i < 150; i++) for (const phone of phones) phone.send(frame);
    let most = 0;
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      most = Math.max(most, residentMiB());
    }
    expect(most - before).toBeLessThan(90);
    expect(phones.every(({ ws }) => ws.readyState === ws.OPEN)).toBe(true);
  });

  test('when phones in turn connect, send thousands of tiny frames and close', async () => {
    // What is alive, and not what is resident: V8 keeps the garbage of a thousand connections, each Node another amount.
    const measured = await MeasuredRelay.start({ writeTimeoutMs: 60_000 });
    const port = Number(new URL(measured.url.replace('ws', 'http')).port);
    const dialling = new Peers(() => measured.url);
    const serverId = dialling.serverId();
    const binary = await dialling.binary(serverId);
    binary.ws.pause();
    const before = await measured.liveBytes();
    const burst = Buffer.concat([
      ...Array.from({ length: 8_000 }, () => clientFrame('1')),
      clientFrame(Buffer.from([0x03, 0xe8]), { opcode: 8 }),
    ]);
    const until = performance.now() + 5_000;
    const comeAndGo = async (): Promise<void> => {
      while (performance.now() < until) {
        const phone = await new RawSocket(port).upgrade('/v1/client', phoneHeaders(serverId));
        phone.write(burst);
        await Promise.race([phone.ended, new Promise((resolve) => setTimeout(resolve, 200))]);
        phone.destroy();
      }
    };
    await Promise.all([comeAndGo(), comeAndGo(), comeAndGo(), comeAndGo()]);
    const grownMiB = ((await measured.liveBytes()) - before) / 1_024 ** 2;
    dialling.dispose();
    measured.kill();
    expect(grownMiB).toBeLessThan(40);
  });
});

test('16 phones x 1,500 frames echoed at once: each phone gets exactly its own frames, in order', async () => {
  await start();
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  binary.ws.on('message', (data) => binary.ws.send(data));
  const phones = await Promise.all(Array.from({ length: 16 }, () => relay.peers.phone(serverId)));
  const frames = 1_500;
  await Promise.all(
    phones.map(async (phone, p) => {
      for (let i = 0; i < frames; i++) phone.send(`"${p}:${i}"`);
      const echoed = await phone.inbox.take(frames, 30_000);
      expect(echoed).toEqual(Array.from({ length: frames }, (_, i) => `"${p}:${i}"`));
    }),
  );
  expect(await relay.metric('frames_forwarded_total{direction="phone_to_binary"}')).toBe(16 * frames);
  expect(await relay.metric('frames_forwarded_total{direction="binary_to_phone"}')).toBe(16 * frames);
});
