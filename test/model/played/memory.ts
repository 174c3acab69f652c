/** Connections that hold too much, each on its own or all together. */
import { expect } from 'vitest';
import { clientFrame } from '../../support/raw-socket.ts';
import type { TestRelay } from '../../support/relay.ts';
import { stateOf } from '../watched-root.ts';
import { dismiss, fill, frameTo, rawClaimant, rawPair, until } from './played-peers.ts';

/** As long as a message that has not ended. */
const begun = (bytes: number): Buffer => clientFrame(`"${'x'.repeat(2 * bytes)}"`).subarray(0, bytes);

/** A total of 1 MiB, and longer messages. What holds most is closed; or cut, if it was closing. */
export const holdTooMuch = async (relay: TestRelay): Promise<void> => {
  const open = await rawPair(relay);
  open.raw.write(begun(1_300_000));
  expect(await open.raw.closeCode()).toBe(1011);
  open.raw.destroy();

  const serverId = relay.peers.serverId();
  await relay.peers.binary(serverId, { autoPong: false });
  const claimant = await rawClaimant(relay, serverId);
  claimant.write(begun(1_300_000));
  expect(await claimant.closeCode()).toBe(1011);
  claimant.destroy();

  const deaf = await rawPair(relay);
  await fill(relay, deaf);
  dismiss(deaf);
  await until(() => stateOf(relay, deaf.connId) === 'connection.closing.flushing');
  const other = await rawPair(relay);
  other.raw.write(begun(600_000));
  await until(() => [undefined, 'connection.closing.cut'].includes(stateOf(relay, deaf.connId)));
  deaf.raw.destroy();
  other.raw.destroy();
};

/** A backlog of 10,000 bytes. */
export const overflow = async (relay: TestRelay): Promise<void> => {
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
  const frame = frameTo(connId, `"${'x'.repeat(6_000)}"`);
  binary.sendTogether([frame, frame]);
  expect(await phone.closed).toEqual({ code: 1011, reason: 'phone backlog full' });
};
