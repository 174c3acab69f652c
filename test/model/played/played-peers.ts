/** Peers that do what those of the generated paths never do: they speak WebSocket by hand, or read nothing. */
import { binaryHeaders, type Peer, phoneHeaders } from '../../support/peer.ts';
import { clientFrame, RawSocket } from '../../support/raw-socket.ts';
import type { TestRelay } from '../../support/relay.ts';
import { stateOf } from '../watched-root.ts';

export const PING = 9;
export const PONG = 10;

export const closeFrame = (code: number): Buffer => {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return clientFrame(payload, { opcode: 8 });
};

export const BROKEN_FRAME = clientFrame('{}', { opcode: 3 });

export const rawPhone = async (relay: TestRelay, serverId: string): Promise<RawSocket> =>
  await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));

export interface RawPair {
  readonly serverId: string;
  readonly binary: Peer;
  readonly raw: RawSocket;
  readonly connId: string;
}

/** Another phone of that binary. */
export const rawPhoneOf = async (relay: TestRelay, serverId: string, binary: Peer): Promise<RawPair> => {
  const raw = await rawPhone(relay, serverId);
  raw.send('"hello"');
  const { conn_id: connId } = await binary.nextEnvelope();
  return { serverId, binary, raw, connId };
};

/** A binary, and a phone by hand that is registered with it. */
export const rawPair = async (relay: TestRelay): Promise<RawPair> => {
  const serverId = relay.peers.serverId();
  return await rawPhoneOf(relay, serverId, await relay.peers.binary(serverId));
};

export const frameTo = (connId: string, frame: string): string => `{"conn_id":"${connId}","frame":${frame}}`;

export const dismiss = ({ binary, connId }: RawPair): void =>
  binary.send(`{"conn_id":"${connId}","close_code":4401}`);

const CHUNK = `"${'x'.repeat(80_000)}"`;

/** Bytes that a socket takes of which the peer reads nothing, and as many again. */
const MORE_THAN_THE_KERNEL_TAKES = 14_000_000;
/** Room for those. */
export const ROOMY = 16 * 1024 * 1024;

/** Returns once the relay has read all of it. */
export const flood = async (binary: Peer, connId: string): Promise<void> => {
  for (let sent = 0; sent < MORE_THAN_THE_KERNEL_TAKES; sent += CHUNK.length)
    binary.send(frameTo(connId, CHUNK));
  await binary.roundTrip();
};

/** As long as a test may wait for anything: no less than a slow machine needs. */
const PATIENCE_MS = 60_000;

/** @throws if it does not come true: a relay that is waited for in vain must not keep the test from ending */
export const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const endsAtMs = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > endsAtMs) throw new Error(`waited in vain until ${String(isSo)}`);
    await new Promise(setImmediate);
  }
};

/** @param state such as "connection.closing.writing" */
export const untilIn = async (relay: TestRelay, connId: string, state: string): Promise<void> =>
  await until(() => stateOf(relay, connId) === state).catch(() => {
    throw new Error(`${stateOf(relay, connId)}, and not ${state}`);
  });

export const rawClaimant = async (relay: TestRelay, serverId: string): Promise<RawSocket> =>
  await new RawSocket(relay.port).upgrade('/v1/server', binaryHeaders(serverId));

/** More than waits while the network takes it, and less than the smallest bound of all backlogs together. */
const BACKLOG_BYTES = 700_000;

/** The phone reads nothing from now on, and has a backlog behind what the kernel holds. No other phone of the relay may have one. */
export const fill = async (relay: TestRelay, { raw, binary, connId }: RawPair): Promise<void> => {
  raw.socket.pause();
  for (let heldBytes = 0; heldBytes < BACKLOG_BYTES; ) {
    for (let n = 0; n < 2; n++) binary.send(frameTo(connId, CHUNK));
    await binary.roundTrip();
    heldBytes = (await relay.metric('queued_bytes{role="phone"}')) ?? 0;
  }
};
