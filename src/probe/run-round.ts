/** One round: five dials, each check in its turn, and nothing left behind. */
import { shownMessage } from '../conformance/wire-exchange.ts';
import type { WirePeer } from '../conformance/wire-peer.ts';
import { NO_SERVER, SERVER_ID_CLAIMED } from '../protocol/close-codes.ts';
import { ProbeFault } from './probe-fault.ts';
import { envelopeOf, readFrameEnvelope } from './probe-frames.ts';
import {
  type CheckResult,
  type Left,
  ProbeSession,
  type ProbeTarget,
  type RoundTrip,
} from './probe-session.ts';
import { byteExact, inOrder, type Party, type Phone, roundTrips } from './traffic-checks.ts';

export interface Round {
  readonly isGood: boolean;
  readonly checks: readonly CheckResult[];
  readonly roundTrips: readonly RoundTrip[];
  readonly dials: number;
  readonly ms: number;
  readonly endedAt: Date;
}

/** In use by the daemon: no session. */
const DIRECTIVE_CODE = 4410;
/** Of those left to applications (RFC 6455 section 7.4.2), so that no relay can have chosen it. */
const PHONE_CODE = 4000;
const LAST = '{"probe":"last"}';

/** Its conn id is learnt from its first frame. */
const register = async (session: ProbeSession, binary: WirePeer, left: Left): Promise<Phone> => {
  const peer = await session.dial('phone', left);
  await session.expectPong(peer, left);
  const first = JSON.stringify({ probe: `phone-${session.dials}` });
  peer.send(first);
  const text = await session.message(binary, 'the first frame of a phone', left);
  const { connId, frame } = readFrameEnvelope(text);
  if (frame !== first) throw new ProbeFault(`expected ${first} at the binary, got ${shownMessage(frame)}`);
  return { peer, connId };
};

const expectNotice = async (session: ProbeSession, { binary }: Party, connId: string, left: Left) => {
  const notice = await session.message(binary, `a close notice ${PHONE_CODE}`, left);
  const isNotice = notice === JSON.stringify({ conn_id: connId, close_code: PHONE_CODE });
  if (!isNotice)
    throw new ProbeFault(`expected a close notice ${PHONE_CODE} at the binary, got ${shownMessage(notice)}`);
};

const runChecks = async (session: ProbeSession): Promise<void> => {
  await session.check('unknown_server_id', async (left) => {
    await session.closedWith(await session.dialUnknown(left), NO_SERVER.closeCode, left);
  });
  const binary = await session.check('claim', async (left) => {
    const peer = await session.dial('binary', left);
    await session.expectPong(peer, left);
    return peer;
  });
  const party = await session.check('phones', async (left): Promise<Party> => {
    const [first, second] = [await register(session, binary, left), await register(session, binary, left)];
    if (first.connId === second.connId) throw new ProbeFault('two phones have the same conn id');
    return { binary, phones: [first, second] };
  });
  await session.check('byte_exact', async (left) => await byteExact(session, party, left));
  await session.check('order', async (left) => await inOrder(session, party, left));
  await session.check('round_trips', async (left) => await roundTrips(session, party, left));
  const [dismissed, leaving] = party.phones;
  await session.check('conflict', async (left) => {
    await session.closedWith(await session.dial('binary', left), SERVER_ID_CLAIMED.closeCode, left);
    leaving.peer.send(LAST);
    const { frame } = readFrameEnvelope(await session.message(binary, 'a frame after the conflict', left));
    if (frame !== LAST) throw new ProbeFault(`expected ${LAST} at the binary, got ${shownMessage(frame)}`);
  });
  await session.check('directive', async (left) => {
    binary.send(envelopeOf(dismissed.connId, LAST, DIRECTIVE_CODE));
    const got = await session.message(dismissed.peer, 'the frame of a directive', left);
    if (got !== LAST) throw new ProbeFault(`expected ${LAST} at the phone, got ${shownMessage(got)}`);
    await session.closedWith(dismissed.peer, DIRECTIVE_CODE, left);
  });
  await session.check('close_notice', async (left) => {
    leaving.peer.send(LAST);
    await leaving.peer.leave(left(), PHONE_CODE);
    const { frame } = readFrameEnvelope(await session.message(binary, 'the last frame of a phone', left));
    if (frame !== LAST) throw new ProbeFault(`expected ${LAST} at the binary, got ${shownMessage(frame)}`);
    await expectNotice(session, party, leaving.connId, left);
  });
  await session.check('nothing_else', async (left) => {
    await session.expectPong(binary, left);
    for (const peer of [binary, dismissed.peer, leaving.peer])
      for (const text of peer.unread())
        throw new ProbeFault(`expected nothing more at the ${peer.role}, got ${shownMessage(text)}`);
  });
  await session.check('release', async (left) => {
    const close = await binary.leave(left());
    if (close?.code !== 1000)
      throw new ProbeFault(`expected close 1000, got ${close?.code ?? 'none in time'}`);
  });
};

/** Never throws for what the target does. */
export const runRound = async (target: ProbeTarget): Promise<Round> => {
  const startedAt = performance.now();
  const session = new ProbeSession(target);
  try {
    await runChecks(session);
  } catch (error) {
    if (!(error instanceof ProbeFault)) throw error;
  } finally {
    session.end();
  }
  const { results: checks } = session;
  return {
    isGood: checks.every(({ result }) => result === 'passed'),
    checks,
    roundTrips: session.roundTrips,
    dials: session.dials,
    ms: performance.now() - startedAt,
    endedAt: new Date(),
  };
};
