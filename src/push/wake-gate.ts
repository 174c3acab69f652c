/**
 * Decides which wakes are admitted (spec section 10). The order is part of the contract: a malformed wake costs no token of its
 * server-id's bucket, and one that is refused later has cost one.
 */
import { createHash } from 'node:crypto';
import { RateBuckets } from '../admission/rate-buckets.ts';
import { MAX_WAKES_IN_FLIGHT } from '../protocol/push-limits.ts';
import { DeadTokens } from './dead-tokens.ts';
import { WAKE_BURST, WAKE_EVERY_MS } from './limits.ts';
import { readWake, type WakeFault } from './read-wake.ts';

/** In the order of the pipeline. */
export type WakeRefusal = 'push_off' | WakeFault | WakeLimit;

/** What drops a wake that would be admitted at another time. */
export type WakeLimit = 'rate' | 'dead_token' | 'ceiling' | 'in_flight';

export type Judgement =
  | { readonly kind: 'admitted'; readonly token: string; readonly fingerprint: string }
  | { readonly kind: 'refused'; readonly refusal: WakeRefusal };

/** What there is to send a wake. */
export interface Means {
  /** Null if push is off. */
  readonly platform: string | null;
  readonly inFlight: number;
}

const MS_PER_S = 1_000;
const FINGERPRINT_DIGITS = 8;
/** All server-ids share the bucket of the ceiling. */
const EVERYBODY = '';

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

const refused = (refusal: WakeRefusal): Judgement => ({ kind: 'refused', refusal });

/** @param perSecond 0 for no ceiling */
const ceilingOf = (perSecond: number) => ({ burst: perSecond, everyMs: MS_PER_S / Math.max(1, perSecond) });

export class WakeGate {
  readonly #perServerId: RateBuckets;
  readonly #ceiling: RateBuckets;
  readonly #dead: DeadTokens;

  /** @param perSecond wakes over all server-ids; 0 for no ceiling */
  constructor(perSecond: number, nowMs: () => number) {
    this.#perServerId = new RateBuckets({ burst: WAKE_BURST, everyMs: WAKE_EVERY_MS }, nowMs);
    this.#ceiling = new RateBuckets(ceilingOf(perSecond), nowMs);
    this.#dead = new DeadTokens(nowMs);
  }

  get deadTokens(): number {
    return this.#dead.size;
  }

  /** In force for the next wake. */
  changeCeiling(perSecond: number): void {
    this.#ceiling.change(ceilingOf(perSecond));
  }

  /** The provider has called it unregistered. */
  bury(token: string): void {
    this.#dead.add(hashOf(token));
  }

  /** Another provider has called none unregistered. */
  forgetDead(): void {
    this.#dead.clear();
  }

  /** @param value of `push_wake`, one JSON value */
  judge(serverId: string, value: Uint8Array, { platform, inFlight }: Means): Judgement {
    if (platform === null) return refused('push_off');
    const wake = readWake(value, platform);
    if ('fault' in wake) return refused(wake.fault);
    if (this.#perServerId.take(serverId) > 0) return refused('rate');
    const hash = hashOf(wake.token);
    if (this.#dead.has(hash)) return refused('dead_token');
    if (this.#ceiling.take(EVERYBODY) > 0) return refused('ceiling');
    if (inFlight >= MAX_WAKES_IN_FLIGHT) return refused('in_flight');
    return { kind: 'admitted', token: wake.token, fingerprint: hash.slice(0, FINGERPRINT_DIGITS) };
  }
}
