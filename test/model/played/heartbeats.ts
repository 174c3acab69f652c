/** Peers that live longer than a heartbeat, and phones that are paused in each state of theirs. */
import { expect } from 'vitest';
import type { TestRelay } from '../../support/relay.ts';
import { stateOf } from '../watched-root.ts';
import { until, untilIn } from './played-peers.ts';

const SUSPENDED = 'connection.open.suspended';

/** With heartbeats as short as they can be without being missed. */
export const beat = async (relay: TestRelay): Promise<void> => {
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const silent = await relay.peers.phone(serverId, { autoPong: false });
  const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
  for (let pings = 0; pings < 2; pings++) await new Promise((resolve) => phone.ws.once('ping', resolve));
  await untilIn(relay, connId, 'connection.open.quiet');
  await phone.close(1000);
  expect(await silent.closed).toEqual({ code: 1011, reason: 'heartbeat timeout' });
};

/** A binary that is alive and reads nothing: its phones are paused when they send, and a new one at once. */
export const pausePhones = async (relay: TestRelay): Promise<void> => {
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const quiet = await relay.peers.knownPhone(serverId, binary);
  const pinged = await relay.peers.knownPhone(serverId, binary, { autoPong: false });
  const loud = await relay.peers.knownPhone(serverId, binary);
  binary.ws.pause();
  const alive = setInterval(() => binary.ws.ping(), 50);
  const frame = `"${'x'.repeat(80_000)}"`;
  for (let sent = 0; sent < 200; sent++) loud.phone.send(frame);
  await untilIn(relay, loud.connId, SUSPENDED);
  await untilIn(relay, pinged.connId, 'connection.open.pinged');
  pinged.phone.send('"paused while pinged"');
  await untilIn(relay, quiet.connId, 'connection.open.quiet');
  quiet.phone.send('"paused while quiet"');
  await untilIn(relay, pinged.connId, SUSPENDED);
  await untilIn(relay, quiet.connId, SUSPENDED);
  const newcomer = await relay.peers.phone(serverId);
  newcomer.send('"paused when fresh"');
  await until(async () => (await relay.metric('phone_pauses_total')) === 4);
  clearInterval(alive);
  binary.ws.resume();
  while (!(await binary.next()).includes('paused when fresh'));
  await until(() => stateOf(relay, quiet.connId) !== SUSPENDED);
};
