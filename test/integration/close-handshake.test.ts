/** A peer's close frame is answered whatever it sends behind it (RFC 6455 section 5.5.1), and the answer is not lost. */
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { binaryHeaders, phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
afterEach(() => relay.dispose());

const closeFrame = (code: number): Buffer => {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return clientFrame(payload, { opcode: 8 });
};

/** Sends `count` frames, each in a packet of its own, as a peer does that has not read the answer yet. */
const goOnSending = async (raw: RawSocket, count: number): Promise<void> => {
  for (let sent = 0; sent < count && !raw.socket.destroyed; sent++) {
    await new Promise<void>((resolve) => raw.socket.write(clientFrame('"late"'), () => resolve()));
    await setImmediate();
  }
};

interface Goodbye {
  readonly code: number | undefined;
  /** The peer's errors: a TCP reset shows as one. */
  readonly errors: readonly string[];
}

const LEGS = ['phone', 'binary'] as const;

describe.each(LEGS)('the close frame of a %s', (role) => {
  /** A peer that reads nothing until `read`. */
  const dial = async (): Promise<{ raw: RawSocket; read: () => Promise<Goodbye> }> => {
    relay = await TestRelay.start();
    const serverId = relay.peers.serverId();
    if (role === 'phone') await relay.peers.binary(serverId);
    const raw = new RawSocket(relay.port);
    const errors: string[] = [];
    raw.socket.on('error', ({ message }) => errors.push(message));
    if (role === 'phone') await raw.upgrade('/v1/client', phoneHeaders(serverId));
    else await raw.upgrade('/v1/server', binaryHeaders(serverId));
    raw.socket.pause();
    return {
      raw,
      read: async () => {
        raw.socket.resume();
        const code = await raw.closeCode();
        await raw.ended;
        raw.socket.end();
        return { code, errors };
      },
    };
  };
  const ENDED = { code: 4001, errors: [] };

  test('is answered with a frame behind it in the same packet', async () => {
    const { raw, read } = await dial();
    raw.write(Buffer.concat([closeFrame(4001), clientFrame('"late"')]));
    expect(await read()).toEqual(ENDED);
  });

  test('is answered with frames behind it that fill several reads', async () => {
    const { raw, read } = await dial();
    const late = Array.from({ length: 64 }, () => clientFrame(`"${'x'.repeat(30_000)}"`));
    raw.write(Buffer.concat([closeFrame(4001), ...late]));
    expect(await read()).toEqual(ENDED);
  });

  test('is answered with frames in later packets, and no reset meets them', async () => {
    const { raw, read } = await dial();
    raw.write(closeFrame(4001));
    await goOnSending(raw, 500);
    expect(await read()).toEqual(ENDED);
  });

  test('is answered with part of a frame and a message in progress around it', async () => {
    const { raw, read } = await dial();
    const unfinished = clientFrame('"un', { fin: false });
    raw.write(Buffer.concat([unfinished, closeFrame(4001), clientFrame('"late"').subarray(0, 3)]));
    await goOnSending(raw, 100);
    expect(await read()).toEqual(ENDED);
  });
});

test('a peer that answers the relay’s close frame and goes on sending meets no reset', async () => {
  relay = await TestRelay.start();
  const raw = new RawSocket(relay.port);
  const errors: string[] = [];
  raw.socket.on('error', ({ message }) => errors.push(message));
  await raw.upgrade('/v1/client', phoneHeaders(relay.peers.serverId()));
  expect(await raw.closeCode()).toBe(4404);
  raw.write(closeFrame(4404));
  await goOnSending(raw, 500);
  await raw.ended;
  raw.socket.end();
  expect(errors).toEqual([]);
});
