/** A message on which the relay throws closes the connection that sent it, and no other. */
import { afterEach, expect, test, vi } from 'vitest';
import { TestRelay } from '../support/relay.ts';

const POISON = 'poison';

vi.mock(import('../../src/protocol/binary-envelope.ts'), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    readBinaryEnvelope: (bytes) => {
      if (Buffer.from(bytes).includes(POISON)) throw new Error('secret payload in a message');
      return original.readBinaryEnvelope(bytes);
    },
  };
});
vi.mock(import('../../src/protocol/phone-message.ts'), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    readPhoneMessage: (bytes) => {
      if (Buffer.from(bytes).includes(POISON)) throw new Error('secret payload in a message');
      return original.readPhoneMessage(bytes);
    },
  };
});

const INTERNAL_ERROR = { code: 1011, reason: 'internal error' };

let relay: TestRelay;
afterEach(() => relay.dispose());

test('a message of a phone: the phone is closed, its binary is notified, its sibling is served', async () => {
  relay = await TestRelay.start();
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
  const sibling = await relay.peers.knownPhone(serverId, binary);
  phone.send(`"${POISON}"`);
  expect(await phone.closed).toEqual(INTERNAL_ERROR);
  expect(await binary.nextEnvelope()).toEqual({ conn_id: connId, close_code: 1011 });
  sibling.phone.send('"fine"');
  expect(await binary.nextEnvelope()).toEqual({ conn_id: sibling.connId, frame: 'fine' });
  expect(await relay.metric('internal_faults_total')).toBe(1);
});

test('a held message of a claimant: it is admitted and closed, and the next claimant gets the slot', async () => {
  relay = await TestRelay.start({ probeTimeoutMs: 300 });
  const serverId = relay.peers.serverId();
  const well = relay.peers.serverId();
  const other = await relay.peers.binary(well);
  const neighbour = await relay.peers.knownPhone(well, other);
  await relay.peers.binary(serverId, { autoPong: false });
  const claimant = await relay.peers.dialBinary(serverId).open();
  claimant.send('{"conn_id":"before"}');
  claimant.send(`{"conn_id":"${POISON}","frame":1}`);
  claimant.send('{"conn_id":"after"}');
  await relay.logged('server_id_takeover', { server_id: serverId });
  expect(await claimant.closed).toEqual(INTERNAL_ERROR);
  // The message before the fault was read, and the one after it was not.
  expect(relay.events('binary_forwarder_unmarshal_err')).toHaveLength(1);
  other.send(`{"conn_id":"${neighbour.connId}","frame":"fine"}`);
  expect(await neighbour.phone.next()).toBe('"fine"');
  const next = await relay.peers.binary(serverId);
  await relay.peers.knownPhone(serverId, next);
  expect(await relay.metric('internal_faults_total')).toBe(1);
});
