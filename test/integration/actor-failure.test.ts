/** A server actor that throws costs only its own connections. */
import { afterEach, expect, test, vi } from 'vitest';
import { TestRelay } from '../support/relay.ts';

const POISON = 4998;

// The server chart's action is the only caller.
vi.mock(import('../../src/protocol/close-codes.ts'), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    maySendCloseCode: (code) => {
      if (code === POISON) throw new Error('secret payload in a message');
      return original.maySendCloseCode(code);
    },
  };
});

let relay: TestRelay;
afterEach(() => relay.dispose());

test('its connections get 1011, all others stay, and the server-id can be claimed again', async () => {
  relay = await TestRelay.start();
  const [sick, well] = [relay.peers.serverId(), relay.peers.serverId()];
  const binary = await relay.peers.binary(sick);
  const { phone, connId } = await relay.peers.knownPhone(sick, binary);
  const sibling = await relay.peers.phone(sick);
  const other = await relay.peers.binary(well);
  const neighbour = await relay.peers.knownPhone(well, other);

  binary.send(`{"conn_id":"${connId}","close_code":${POISON}}`);

  const internal = { code: 1011, reason: 'internal error' };
  expect(await Promise.all([binary.closed, phone.closed, sibling.closed])).toEqual([
    internal,
    internal,
    internal,
  ]);
  const failed = await relay.logged('server_actor_failed', { server_id: sick });
  expect(failed.fields).toEqual({ server_id: sick, err: 'Error' });
  other.send(`{"conn_id":"${neighbour.connId}","frame":"well"}`);
  expect(await neighbour.phone.next()).toBe('"well"');
  const again = await relay.peers.binary(sick);
  await relay.peers.knownPhone(sick, again);
  expect(await relay.metric('internal_faults_total')).toBe(1);
  expect(await relay.health()).toEqual({ binaries: 2, phones: 2 });
});
