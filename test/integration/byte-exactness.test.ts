/**
 * Any JSON from a phone or a binary is delivered byte for byte and in order, over real sockets and the whole fast path:
 * sizes around each of its boundaries, TCP segments split anywhere, a slow reader.
 */
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COPIED_BODY_BYTES, READ_SHARE_BYTES, WRITE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await TestRelay.start();
});
afterAll(async () => {
  await relay.dispose();
});

/** Details that must be preserved: escapes, number formats, key order and duplicates, whitespace, non-ASCII text. */
const VERBATIM = '"k":[-0,1e3,12345678901234567890,"\\u00e9\\/\\"",{ "b":1, "a":2,"a":3 },"é€😀"]';
const boundaries = [
  125,
  126,
  COPIED_BODY_BYTES,
  32_768,
  READ_SHARE_BYTES,
  65_535,
  WRITE_CHUNK_BYTES,
  131_072,
];
const size = fc.oneof(
  fc.nat(2_000),
  fc.tuple(fc.constantFrom(...boundaries), fc.integer({ min: -90, max: 20 })).map(([at, off]) => at + off),
  fc.nat(250_000),
);
/** A frame of about `size` bytes, whose long string has a special character at a random position. */
const frame = fc
  .tuple(size, fc.nat(), fc.constantFrom('', '', '', '\\n', '\\u001f', 'ü', '\u2028', '\\\\'))
  .map(([bytes, place, odd]) => {
    const filler = 'QUJDRA+/'.repeat(Math.ceil(bytes / 8)).slice(0, bytes);
    const at = bytes === 0 ? 0 : place % bytes;
    return `{${VERBATIM},"data":"${filler.slice(0, at)}${odd}${filler.slice(at)}"}`;
  });
const frames = fc.array(frame, { minLength: 1, maxLength: 6 });
/** Where the TCP stream is split, as fractions of its length. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });

test('frames are byte-exact in both directions, with TCP split anywhere and a phone that pauses reading', async () => {
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const reader = await relay.peers.knownPhone(serverId, binary);
  const sender = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
  sender.send('"hello"');
  const { conn_id: senderId } = await binary.nextEnvelope();

  await fc.assert(
    fc.asyncProperty(frames, cuts, fc.boolean(), async (sent, shares, isSlow) => {
      const bytes = Buffer.concat(sent.map((text) => clientFrame(text)));
      const places = shares.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b);
      for (const [i, from] of [0, ...places].entries()) {
        sender.write(bytes.subarray(from, places[i] ?? bytes.length));
        await new Promise((resolve) => setImmediate(resolve));
      }
      for (const text of sent) {
        expect((await binary.next()) === `{"conn_id":"${senderId}","frame":${text}}`).toBe(true);
      }
      if (isSlow) reader.phone.ws.pause();
      for (const text of sent) binary.send(`{ "x":0, "frame" : ${text} ,"conn_id":"${reader.connId}"}`);
      // By the pong, the relay has read all frames; those the reader has not accepted are queued.
      await binary.roundTrip();
      reader.phone.ws.resume();
      for (const text of sent) expect((await reader.phone.next()) === text).toBe(true);
    }),
    { numRuns: 60 },
  );
  sender.destroy();
});
