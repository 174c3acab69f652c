/** A peer's address in the log is the one that people know. */
import { afterEach, expect, test } from 'vitest';
import { binaryHeaders, Peer } from '../support/peer.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
afterEach(() => relay.dispose());

test('an IPv4 peer of a dual-stack listener is logged by its IPv4 address', async () => {
  relay = await TestRelay.start({ insecureListen: { host: '::', port: 0 } });
  await relay.peers.binary(relay.peers.serverId());
  expect((await relay.logged('server_claimed')).fields['remote']).toBe('127.0.0.1');
});

test('an IPv6 peer is logged by its IPv6 address', async () => {
  relay = await TestRelay.start({ insecureListen: { host: '::1', port: 0 } });
  const peer = await new Peer(`ws://[::1]:${relay.port}/v1/server`, binaryHeaders('six')).open();
  expect((await relay.logged('server_claimed')).fields['remote']).toBe('::1');
  peer.ws.terminate();
});
