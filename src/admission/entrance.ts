/** The rules by which peers are let in now, and what they have used of them. A reload replaces the rules, and keeps the counts. */
import type { HeaderValues } from '../protocol/header-values.ts';
import { subscriberOf } from '../protocol/peer-address.ts';
import type { Role } from '../protocol/routing-headers.ts';
import type { BinaryTokens, TokenHash } from './binary-tokens.ts';
import { type AddressTrust, type ClientAddress, clientAddress, type Peer } from './client-address.ts';
import { type Caps, ConnectionCaps } from './connection-caps.ts';
import { type Admit, type Admitted, type Condition, createGate, type Refused } from './gate.ts';
import { HANDSHAKES_PER_DIAL } from './limits.ts';
import { type Rate, RateBuckets } from './rate-buckets.ts';

export interface Rules {
  readonly trust: AddressTrust;
  readonly rate: Rate;
  readonly caps: Caps;
  /** Null if any binary may claim any server-id. */
  readonly tokens: BinaryTokens | null;
}

/** What is used of the limits, for the metrics. */
export interface AdmissionUse {
  readonly connections: Readonly<Record<Role, number>>;
  readonly maxConnections: number;
  readonly rateBuckets: number;
}

/** Who dials too often is told so with a 429, which takes a handshake: only far more of them are not begun. */
const handshakeRate = ({ burst, everyMs }: Rate): Rate => ({
  burst: burst * HANDSHAKES_PER_DIAL,
  everyMs: everyMs / HANDSHAKES_PER_DIAL,
});

export class Entrance {
  #rules: Rules;
  readonly #buckets: RateBuckets;
  readonly #handshakes: RateBuckets;
  readonly #caps: ConnectionCaps;
  readonly #admit: Admit;

  /** @param conditions what may be wrong with the whole relay */
  constructor(rules: Rules, nowMs: () => number, conditions: readonly Condition[] = []) {
    this.#rules = rules;
    this.#buckets = new RateBuckets(rules.rate, nowMs);
    this.#handshakes = new RateBuckets(handshakeRate(rules.rate), nowMs);
    this.#caps = new ConnectionCaps(rules.caps);
    this.#admit = createGate(this.#buckets, this.#caps, conditions);
  }

  get rules(): Rules {
    return this.#rules;
  }

  /** Counts from now on. Nobody who is in is put out by it. */
  change(rules: Rules): void {
    this.#rules = rules;
    this.#buckets.change(rules.rate);
    this.#handshakes.change(handshakeRate(rules.rate));
    this.#caps.caps = rules.caps;
  }

  get use(): AdmissionUse {
    return {
      connections: this.#caps.taken,
      maxConnections: this.#rules.caps.maxConnections,
      rateBuckets: this.#buckets.size + this.#handshakes.size,
    };
  }

  /** Finished connections, of both roles. */
  get connections(): number {
    return this.#caps.total;
  }

  addressOf(peer: Peer, headers: HeaderValues): ClientAddress {
    return clientAddress(peer, headers, this.#rules.trust);
  }

  /** Whether a PROXY header of this peer counts: of anyone, unless proxies are named. */
  mayNameClients(address: string): boolean {
    const { proxies } = this.#rules.trust;
    return proxies.isEmpty || proxies.has(address);
  }

  /**
   * Takes a token for a TLS handshake. Always true for a proxy that speaks for others: whose handshake it is, is not known yet.
   * @returns false if this peer has begun too many
   */
  mayShakeHands({ address }: Peer): boolean {
    const { proxies, isEverybodyTrusted } = this.#rules.trust;
    const mayForward = isEverybodyTrusted || proxies.has(address);
    return mayForward || this.#handshakes.take(subscriberOf(address)) === 0;
  }

  admit(role: Role, address: string): Admitted | Refused {
    return this.#admit(role, subscriberOf(address));
  }

  mayClaim(hash: TokenHash | undefined, serverId: string): boolean {
    return this.#rules.tokens?.mayClaim(hash, serverId) ?? true;
  }
}
