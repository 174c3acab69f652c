/** Checks of frames between a binary and two phones. */
import { shownMessage } from '../conformance/wire-exchange.ts';
import type { WirePeer } from '../conformance/wire-peer.ts';
import { ProbeFault } from './probe-fault.ts';
import {
  envelopeOf,
  frameOfSize,
  framesOfBinaries,
  framesOfPhones,
  readFrameEnvelope,
} from './probe-frames.ts';
import type { Left, ProbeSession } from './probe-session.ts';

export interface Phone {
  readonly peer: WirePeer;
  readonly connId: string;
}

export interface Party {
  readonly binary: WirePeer;
  readonly phones: readonly [Phone, Phone];
}

const differs = (sent: string, got: string, at: string): ProbeFault =>
  new ProbeFault(`expected ${shownMessage(sent)} at the ${at}, got ${shownMessage(got)}`);

/** Expects exactly `frame` from the phone. */
const expectAtBinary = async (
  session: ProbeSession,
  { binary }: Party,
  { connId }: Phone,
  frame: string,
  left: Left,
): Promise<void> => {
  const got = readFrameEnvelope(await session.message(binary, 'a frame', left));
  if (got.connId !== connId) throw new ProbeFault('a frame came under the conn id of another phone');
  if (got.frame !== frame) throw differs(frame, got.frame, 'binary');
};

const expectAtPhone = async (
  session: ProbeSession,
  { peer }: Phone,
  frame: string,
  left: Left,
): Promise<void> => {
  const got = await session.message(peer, 'a frame', left);
  if (got !== frame) throw differs(frame, got, 'phone');
};

export const byteExact = async (session: ProbeSession, party: Party, left: Left): Promise<void> => {
  const [phone] = party.phones;
  for (const frame of framesOfPhones(session.target.profile)) {
    phone.peer.send(frame);
    await expectAtBinary(session, party, phone, frame, left);
  }
  for (const frame of framesOfBinaries) {
    party.binary.send(envelopeOf(phone.connId, frame));
    await expectAtPhone(session, phone, frame, left);
  }
};

/** Enough for several reads and writes of the target; a few KB. */
const FRAMES_IN_ORDER = 50;

const numbered = (connId: string, n: number): string => JSON.stringify({ probe: connId, n });

export const inOrder = async (session: ProbeSession, party: Party, left: Left): Promise<void> => {
  const { binary, phones } = party;
  for (let n = 0; n < FRAMES_IN_ORDER; n++)
    for (const { peer, connId } of phones) peer.send(numbered(connId, n));
  const next = new Map(phones.map(({ connId }) => [connId, 0]));
  for (let heard = 0; heard < FRAMES_IN_ORDER * phones.length; heard++) {
    const { connId, frame } = readFrameEnvelope(await session.message(binary, 'a frame', left));
    const n = next.get(connId) ?? 0;
    next.set(connId, n + 1);
    const expected = numbered(connId, n);
    if (frame !== expected) throw differs(expected, frame, 'binary');
  }
  for (let n = 0; n < FRAMES_IN_ORDER; n++)
    for (const { connId } of phones) binary.send(envelopeOf(connId, numbered(connId, n)));
  for (const phone of phones)
    for (let n = 0; n < FRAMES_IN_ORDER; n++)
      await expectAtPhone(session, phone, numbered(phone.connId, n), left);
};

/** Bytes of a frame, and how often it is sent from each side: 1.5 MB for a round in all. */
const SIZES: readonly (readonly [bytes: number, times: number])[] = [
  [64, 20],
  [4_096, 5],
  [65_536, 2],
  [200_000, 1],
];
/** An envelope is that much longer than its frame, at most. */
const ENVELOPE_BYTES = 256;

/** The other side sends each frame back. */
export const roundTrips = async (session: ProbeSession, party: Party, left: Left): Promise<void> => {
  const [phone] = party.phones;
  const sizes = SIZES.filter(([bytes]) => bytes + ENVELOPE_BYTES <= session.target.maxFrameBytes);
  for (const [bytes, times] of sizes) {
    for (let n = 0; n < times; n++) {
      const frame = frameOfSize(bytes, `${n}-`);
      const envelope = envelopeOf(phone.connId, frame);
      const startedAt = performance.now();
      phone.peer.send(frame);
      await expectAtBinary(session, party, phone, frame, left);
      party.binary.send(envelope);
      await expectAtPhone(session, phone, frame, left);
      const turnedAt = performance.now();
      session.roundTrips.push({ from: 'phone', bytes, ms: turnedAt - startedAt });
      party.binary.send(envelope);
      await expectAtPhone(session, phone, frame, left);
      phone.peer.send(frame);
      await expectAtBinary(session, party, phone, frame, left);
      session.roundTrips.push({ from: 'binary', bytes, ms: performance.now() - turnedAt });
    }
  }
};
