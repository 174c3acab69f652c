/** A socket that exceeds its share of a turn is paused until its next turn, and is then always resumed. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CLOSE_ANSWER_TIMEOUT_MS } from '../../src/protocol/limits.ts';
import { binaryHeaders, phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await TestRelay.start();
});
afterAll(async () => {
  await relay.dispose();
});

const FLOOD = 40_000;

test('a flood of dropped envelopes and the ping after it are read completely, over many turns', async () => {
  const serverId = relay.peers.serverId();
  const flooder = await new RawSocket(relay.port).upgrade('/v1/server', binaryHeaders(serverId));
  const phone = await relay.peers.phone(serverId);
  // An unknown conn id: a flood of broken envelopes would be closed.
  const dropped = clientFrame('{"conn_id":"c-0","frame":1}');
  flooder.write(Buffer.concat(Array.from({ length: FLOOD }, () => dropped)));
  flooder.write(clientFrame('last', { opcode: 9 }));
  phone.send('"still here"');
  // The flooder must be resumed: the relay answers the ping after the flood, and forwards the phone's frame meanwhile.
  let [isHeard, isAnswered] = [false, false];
  while (!isHeard || !isAnswered) {
    const got = await flooder.frame();
    if (got === undefined) throw new Error('the relay closed the flooder');
    if (got.opcode === 10) isAnswered = got.payload.toString() === 'last';
    if (got.opcode === 1) isHeard = got.payload.toString().includes('"still here"');
  }
  flooder.destroy();
});

const PHONES = 16;
const FRAMES = 40;
/** Longer than one read, so that a sender is paused after nearly every frame. */
const LONG = 'x'.repeat(80_000);

/** Connects all phones and writes all their frames. */
const floodFromAllPhones = async (target: TestRelay) => {
  const serverId = target.peers.serverId();
  const binary = await target.peers.binary(serverId);
  const phones = await Promise.all(
    Array.from(
      { length: PHONES },
      async () => await new RawSocket(target.port).upgrade('/v1/client', phoneHeaders(serverId)),
    ),
  );
  for (const [who, phone] of phones.entries()) {
    for (let n = 0; n < FRAMES; n++) phone.write(clientFrame(JSON.stringify({ who, n, text: LONG })));
  }
  return { binary, phones };
};

test('all frames of phones that flood one server-id and then close are delivered, each phone’s in order', async () => {
  const { binary, phones } = await floodFromAllPhones(relay);
  for (const phone of phones) phone.write(clientFrame(Buffer.from([0x03, 0xe8]), { opcode: 8 }));
  const heard = phones.map(() => 0);
  const notices: number[] = [];
  while (notices.length < PHONES) {
    const { frame, close_code: closeCode } = await binary.nextEnvelope();
    if (closeCode !== undefined) {
      notices.push(closeCode);
    } else {
      const { who, n, text } = frame as { who: number; n: number; text: string }; // As sent above.
      expect({ n, text: text.length }).toEqual({ n: heard[who], text: LONG.length });
      heard[who] = n + 1;
    }
  }
  expect(heard).toEqual(phones.map(() => FRAMES));
  expect(notices).toEqual(phones.map(() => 1000));
});

test('stopping the relay during such a flood closes each phone with 1001 without waiting for it', async () => {
  // Shorter than the close answer timeout, so a phone that is not resumed would still be connected at the deadline.
  const stopped = await TestRelay.start({ drainDeadlineMs: CLOSE_ANSWER_TIMEOUT_MS - 1_000 });
  try {
    const { binary, phones } = await floodFromAllPhones(stopped);
    await binary.nextEnvelope();
    const ended = stopped.stop();
    for (const phone of phones) {
      const close = await phone.frame();
      expect([close?.opcode, close?.payload.readUInt16BE(0)]).toEqual([8, 1001]);
      phone.destroy();
    }
    await ended;
    expect(stopped.events('drain incomplete')).toEqual([]);
  } finally {
    await stopped.dispose();
  }
});
