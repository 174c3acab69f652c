/** The connections of one round, and what each of its checks came to. */
import { randomBytes } from 'node:crypto';
import { isMistrust } from '../conformance/certificates.ts';
import type { Profile } from '../conformance/profile.ts';
import { describeClose } from '../conformance/roster.ts';
import { shownMessage } from '../conformance/wire-exchange.ts';
import { LIMITED } from '../conformance/wire-handshake.ts';
import { WirePeer } from '../conformance/wire-peer.ts';
import { visibleText } from '../protocol/visible-text.ts';
import { CHECKS, type CheckName } from './check-names.ts';
import { ProbeFault } from './probe-fault.ts';

export interface ProbeTarget {
  /** ws:// or wss:// address without the path. */
  readonly base: string;
  /** PEM certificates to trust instead of those of Node. */
  readonly trusted: readonly string[] | undefined;
  readonly relayToken: string | undefined;
  /** Undefined for a new one in each round. */
  readonly serverId: string | undefined;
  readonly profile: Profile;
  /** Longest message that the target takes. */
  readonly maxFrameBytes: number;
  /** For each check. */
  readonly timeoutMs: number;
}

export interface CheckResult {
  readonly check: CheckName;
  /** `not run`: a check before it has failed. */
  readonly result: 'passed' | 'failed' | 'not run';
  readonly ms: number;
  /** '' unless it has failed. */
  readonly problem: string;
}

/** Who began a round trip; the other side sent the frame back. */
export type Starter = 'phone' | 'binary';

export interface RoundTrip {
  readonly from: Starter;
  /** Length of the frame. */
  readonly bytes: number;
  readonly ms: number;
}

/** Milliseconds that the current check has left; at least 0. */
export type Left = () => number;

const newServerId = (): string => `probe-${randomBytes(8).toString('hex')}`;

/** One line, whatever a library or the target says. */
const lineOf = (error: unknown): string => {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return visibleText(text.trim().replaceAll(/\s+/g, ' '));
};

export class ProbeSession {
  readonly target: ProbeTarget;
  readonly serverId: string;
  readonly roundTrips: RoundTrip[] = [];
  readonly #results = new Map<CheckName, CheckResult>();
  readonly #peers: WirePeer[] = [];
  dials = 0;

  constructor(target: ProbeTarget) {
    this.target = target;
    this.serverId = target.serverId ?? newServerId();
  }

  /** Runs `body`, which has the time of one check, and notes how it ended. */
  async check<T>(check: CheckName, body: (left: Left) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const endsAt = startedAt + this.target.timeoutMs;
    const note = (result: CheckResult['result'], problem: string): void => {
      this.#results.set(check, { check, result, ms: performance.now() - startedAt, problem });
    };
    try {
      const value = await body(() => Math.max(endsAt - performance.now(), 0));
      note('passed', '');
      return value;
    } catch (error) {
      note('failed', lineOf(error));
      throw error instanceof ProbeFault ? error : new ProbeFault(lineOf(error));
    }
  }

  get results(): readonly CheckResult[] {
    return CHECKS.map(
      ({ name }) => this.#results.get(name) ?? { check: name, result: 'not run', ms: 0, problem: '' },
    );
  }

  async dial(role: 'binary' | 'phone', left: Left, serverId = this.serverId): Promise<WirePeer> {
    const { base, trusted, relayToken } = this.target;
    this.dials++;
    const options = { base, trusted, relayToken, role, serverId, name: 'probe', retries: false };
    const peer = await WirePeer.dial({ ...options, patienceMs: left() }).catch((error: unknown) => {
      const advice = isMistrust(error) ? '; --ca FILE trusts a certificate of your own' : '';
      throw new ProbeFault(lineOf(error).replace(LIMITED, 'this address dials too often') + advice);
    });
    this.#peers.push(peer);
    return peer;
  }

  async dialUnknown(left: Left): Promise<WirePeer> {
    return await this.dial('phone', left, newServerId());
  }

  /** @param what is expected, for the fault */
  async message(peer: WirePeer, what: string, left: Left): Promise<string> {
    const text = await peer.message(left());
    if (text !== undefined) return text;
    const { closed } = peer;
    const got = closed === undefined ? 'nothing in time' : `a close with ${describeClose(closed)}`;
    throw new ProbeFault(`expected ${what} at the ${peer.role}, got ${got}`);
  }

  /** Whoever is refused after the upgrade gets a close instead. */
  async expectPong(peer: WirePeer, left: Left): Promise<void> {
    if (await peer.roundTrip(left())) return;
    // Its close may have begun, and not be complete yet.
    const closed = peer.isOpen ? undefined : await peer.close(left());
    const got = closed === undefined ? 'none in time' : `a close with ${describeClose(closed)}`;
    throw new ProbeFault(`expected a pong at the ${peer.role}, got ${got}`);
  }

  async closedWith(peer: WirePeer, code: number, left: Left): Promise<void> {
    const close = await peer.close(left());
    if (close?.code === code) return;
    const message = peer.unread()[0];
    const got = close === undefined ? 'none in time' : describeClose(close);
    const also = message === undefined ? '' : `, and a message: ${shownMessage(message)}`;
    throw new ProbeFault(`expected close ${code} at the ${peer.role}, got ${got}${also}`);
  }

  /** Ends all that is left, at once. */
  end(): void {
    for (const peer of this.#peers) peer.drop();
  }
}
