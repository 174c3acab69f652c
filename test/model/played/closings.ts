/** Closings that a peer leaves half done. */
import { expect } from 'vitest';
import { phoneHeaders } from '../../support/peer.ts';
import { clientFrame, RawSocket } from '../../support/raw-socket.ts';
import type { TestRelay } from '../../support/relay.ts';
import { stateOf } from '../watched-root.ts';
import {
  BROKEN_FRAME,
  closeFrame,
  dismiss,
  flood,
  frameTo,
  PING,
  type RawPair,
  rawClaimant,
  rawPair,
  rawPhone,
  rawPhoneOf,
  until,
} from './played-peers.ts';

const refused = async (relay: TestRelay): Promise<RawSocket> => {
  const raw = await rawPhone(relay, relay.peers.serverId());
  expect(await raw.closeCode()).toBe(4404);
  return raw;
};

const dismissed = async (relay: TestRelay): Promise<RawPair> => {
  const pair = await rawPair(relay);
  dismiss(pair);
  expect(await pair.raw.closeCode()).toBe(4401);
  return pair;
};

/** The relay's timers of a closing are short, and end each of these. All TCP of the peers stays open. */
export const leaveOpen = async (relay: TestRelay): Promise<void> => {
  const answerNothing = async (): Promise<void> => await (await refused(relay)).ended;
  const answerAndStay = async (): Promise<void> => (await refused(relay)).write(closeFrame(4404));
  const answerNoDismissal = async (): Promise<void> => await (await dismissed(relay)).raw.ended;
  const answerDismissalAndStay = async (): Promise<void> =>
    (await dismissed(relay)).raw.write(closeFrame(4401));
  const breakProtocolAndStay = async (): Promise<void> => {
    const { raw } = await rawPair(relay);
    raw.write(BROKEN_FRAME);
    expect(await raw.closeCode()).toBe(1002);
    await raw.ended;
  };
  const readNothing = async (): Promise<void> => {
    const pair = await rawPair(relay);
    pair.raw.socket.pause();
    await flood(pair.binary, pair.connId);
    dismiss(pair);
    await until(async () => (await relay.metric('queued_bytes{role="phone"}')) === 0);
    pair.raw.destroy();
  };
  await Promise.all([
    answerNothing(),
    answerAndStay(),
    answerNoDismissal(),
    answerDismissalAndStay(),
    breakProtocolAndStay(),
    readNothing(),
  ]);
  // Waits for the timers of those that are left.
  await relay.stop();
};

/** Of more phones than may be closing, the oldest are cut: of those that were admitted, and of those that were not. */
export const closeTooMany = async (relay: TestRelay): Promise<void> => {
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const pairs: RawPair[] = [];
  for (let n = 0; n < 3; n++) {
    const pair = await rawPhoneOf(relay, serverId, binary);
    pairs.push(pair);
    dismiss(pair);
    expect(await pair.raw.closeCode()).toBe(4401);
  }
  await pairs[0]?.raw.ended;
  const nobody = relay.peers.serverId();
  const phones: RawSocket[] = [];
  for (let n = 0; n < 65; n++) phones.push(await rawPhone(relay, nobody));
  await phones[0]?.ended;
  for (const raw of [...phones, ...pairs.map((pair) => pair.raw)]) raw.destroy();
};

/** What a peer says around its close frame. */
export const closeOddly = async (relay: TestRelay): Promise<void> => {
  // Its close frame is there before ours is written.
  const early = new RawSocket(relay.port);
  early.socket.cork();
  early.request('GET', '/v1/client', RawSocket.handshakeHeaders(phoneHeaders(relay.peers.serverId())));
  early.write(closeFrame(1000));
  early.socket.uncork();
  await early.ended;
  early.destroy();

  const breaking = await rawPair(relay);
  breaking.raw.write(BROKEN_FRAME);
  expect(await breaking.raw.closeCode()).toBe(1002);
  breaking.raw.socket.end();
};

/** Claimants in line that do not wait in silence. */
export const misbehaveInLine = async (relay: TestRelay): Promise<void> => {
  const serverId = relay.peers.serverId();
  await relay.peers.binary(serverId, { autoPong: false });
  const breaking = await rawClaimant(relay, serverId);
  breaking.write(BROKEN_FRAME);
  expect(await breaking.closeCode()).toBe(1002);
  breaking.destroy();
  const pinging = await rawClaimant(relay, serverId);
  for (let n = 0; n < 2_100; n++) pinging.send('', { opcode: PING });
  expect(await pinging.closeCode()).toBe(1008);
  pinging.destroy();
};

/** A phone has closed, and its TCP ends only when another binary holds the server-id, or held it. */
export const endLate = async (relay: TestRelay): Promise<void> => {
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const first = await rawPhoneOf(relay, serverId, binary);
  const second = await rawPhoneOf(relay, serverId, binary);
  for (const { raw } of [first, second]) {
    raw.write(closeFrame(1000));
    expect(await raw.closeCode()).toBe(1000);
  }
  await binary.close(1000);
  const next = await relay.peers.binary(serverId);
  first.raw.socket.end();
  await until(() => stateOf(relay, first.connId) === undefined);
  await next.close(1000);
  second.raw.socket.end();
  await until(() => stateOf(relay, second.connId) === undefined);
};

/** More than the relay parses in many turns of its event loop, and in one read of it. */
const TINY_FRAMES = 8_000;

/**
 * TCP of a phone ends while most of what it sent waits to be parsed. At the end of that is what the relay closes it for, and nothing
 * can be written any longer.
 */
export const endUnparsed = async (relay: TestRelay): Promise<void> => {
  const { raw, binary, connId } = await rawPair(relay);
  raw.write(
    Buffer.concat([...Array.from({ length: TINY_FRAMES }, () => clientFrame('1')), clientFrame('not JSON')]),
  );
  await binary.next();
  raw.reset();
  for (let n = 0; n < 4; n++) binary.send(frameTo(connId, '"to nobody"'));
  await until(() => stateOf(relay, connId) === undefined);
};

/** The same of a claimant in line that sends more pings than it may. */
export const endUnparsedInLine = async (relay: TestRelay): Promise<void> => {
  const serverId = relay.peers.serverId();
  await relay.peers.binary(serverId, { autoPong: false });
  const claimant = await rawClaimant(relay, serverId);
  claimant.write(Buffer.concat(Array.from({ length: TINY_FRAMES }, () => clientFrame('', { opcode: PING }))));
  await claimant.frame();
  claimant.reset();
  await until(async () => (await relay.metric('actors{machine="connection",state="waiting"}')) === 0);
};
