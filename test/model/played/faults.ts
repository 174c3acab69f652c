/** Faults of the relay itself, planted in its modules, and what an operator takes away. */
import { writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { hashToken } from '../../../src/admission/binary-tokens.ts';
import { binaryHeaders, type Peer } from '../../support/peer.ts';
import type { TestRelay } from '../../support/relay.ts';
import { rawClaimant } from './played-peers.ts';
import { POISON, POISONED_CODE } from './poison.ts';

const INTERNAL = { code: 1011, reason: 'internal error' };

/** A server actor that throws, with a claimant in line; and a message whose handling throws, of a holder and of a claimant. */
export const breakDown = async (relay: TestRelay): Promise<void> => {
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId, { autoPong: false });
  const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
  const claimant = await relay.peers.dialBinary(serverId).open();
  const probe = new Promise((resolve) => binary.ws.once('ping', resolve));
  await probe;
  binary.send(`{"conn_id":"${connId}","close_code":${POISONED_CODE}}`);
  expect(await Promise.all([binary, phone, claimant].map(async ({ closed }) => await closed))).toEqual([
    INTERNAL,
    INTERNAL,
    INTERNAL,
  ]);

  const other = relay.peers.serverId();
  const holder = await relay.peers.binary(other, { autoPong: false });
  const poisoned = await rawClaimant(relay, other);
  poisoned.send(POISON);
  expect(await poisoned.closeCode()).toBe(1011);
  poisoned.destroy();
  holder.send(POISON);
  expect(await holder.closed).toEqual(INTERNAL);
};

/** First the token of a claimant in line, then that of the holder. */
export const revoke = async (relay: TestRelay, file: string): Promise<void> => {
  const write = (...tokens: readonly string[]): void => writeFileSync(file, tokens.map(hashToken).join('\n'));
  const claim = (token: string): Peer =>
    relay.peers.dial(
      '/v1/server',
      { ...binaryHeaders('home'), 'X-Pyrycode-Relay-Token': token },
      { autoPong: false },
    );
  write('of the holder', 'of the claimant');
  await relay.reload({});
  const holder = await claim('of the holder').open();
  const claimant = await claim('of the claimant').open();
  await new Promise((resolve) => holder.ws.once('ping', resolve));
  const revoked = { code: 1008, reason: 'token revoked' };
  write('of the holder');
  await relay.reload({});
  expect(await claimant.closed).toEqual(revoked);
  write('of nobody');
  await relay.reload({});
  expect(await holder.closed).toEqual(revoked);
};
