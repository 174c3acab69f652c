/** Who sends more than its share of a turn is left alone until the next, and then read on, whatever it was that it sent. */
import { afterAll, beforeAll, test } from 'vitest';
import { binaryHeaders } from '../support/peer.ts';
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

test('a flood of envelopes that are dropped is read to its end, turn by turn, and what follows it too', async () => {
  const serverId = relay.peers.serverId();
  const flooder = await new RawSocket(relay.port).upgrade('/v1/server', binaryHeaders(serverId));
  const phone = await relay.peers.phone(serverId);
  const dropped = clientFrame('{}');
  flooder.write(Buffer.concat(Array.from({ length: FLOOD }, () => dropped)));
  flooder.write(clientFrame('last', { opcode: 9 }));
  phone.send('"still here"');
  // Whoever yields must be read on: the ping behind the flood is answered, and the phone heard meanwhile.
  let [isHeard, isAnswered] = [false, false];
  while (!isHeard || !isAnswered) {
    const got = await flooder.frame();
    if (got === undefined) throw new Error('the relay closed the flooder');
    if (got.opcode === 10) isAnswered = got.payload.toString() === 'last';
    if (got.opcode === 1) isHeard = got.payload.toString().includes('"still here"');
  }
  flooder.destroy();
}, 60_000);
