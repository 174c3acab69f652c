/** Whether a dial gets in, before its headers are looked at: the rate first, then what the relay can still hold (spec section 1). */
import type { Role } from '../protocol/routing-headers.ts';
import type { ConnectionCaps } from './connection-caps.ts';
import { RETRY_AFTER_S } from './limits.ts';
import type { RateBuckets } from './rate-buckets.ts';

/** What refuses a connection, or ends one that is not finished. A closed set, for the log and the metrics. */
export type Limit =
  | 'rate'
  /** A peer that owes tokens of the rate is closed before its TLS handshake. */
  | 'handshake_rate'
  | 'max_connections'
  | 'reserved'
  | 'max_connections_per_ip'
  /** Too many connections were not upgraded or answered yet: the oldest is closed. */
  | 'unfinished'
  /** One was not in time. */
  | 'deadline'
  | 'memory'
  | 'max_server_ids'
  | 'token';

export interface Refused {
  readonly kind: 'refused';
  readonly limit: Limit;
  readonly status: 429 | 503;
  readonly retryAfterS: number;
}

export interface Admitted {
  readonly kind: 'admitted';
  /** Frees the place. Call it when the socket has closed. */
  readonly release: () => void;
}

/** @param subscriber see `subscriberOf` */
export type Admit = (role: Role, subscriber: string) => Admitted | Refused;

/** What is wrong with the whole relay now, if anything. */
export type Condition = () => Limit | undefined;

const MS_PER_S = 1_000;

/** 429 says that the peer is asked to do less; 503, that there is no place for anyone, or none for its role. */
export const full = (limit: Limit): Refused => ({
  kind: 'refused',
  limit,
  status: limit === 'max_connections_per_ip' ? 429 : 503,
  retryAfterS: RETRY_AFTER_S,
});

export const createGate =
  (buckets: RateBuckets, caps: ConnectionCaps, conditions: readonly Condition[]): Admit =>
  (role, subscriber) => {
    const waitMs = buckets.take(subscriber);
    if (waitMs > 0) {
      const retryAfterS = Math.ceil(waitMs / MS_PER_S);
      return { kind: 'refused', limit: 'rate', status: 429, retryAfterS };
    }
    for (const condition of conditions) {
      const limit = condition();
      if (limit !== undefined) return full(limit);
    }
    const place = caps.take(role, subscriber);
    return typeof place === 'string' ? full(place) : { kind: 'admitted', release: place };
  };
