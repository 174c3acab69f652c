/** How many connections there may be: in all, of each role, and of one subscriber. A place is free once its socket has closed. */
import type { Role } from '../protocol/routing-headers.ts';

export interface Caps {
  readonly maxConnections: number;
  /** Per cent of these that only binaries, or only phones, may take. Together at most 100, and each below 100. */
  readonly reservedPercent: Readonly<Record<Role, number>>;
  /** 0 for no cap. */
  readonly maxPerSubscriber: number;
}

export type CapLimit = 'max_connections' | 'reserved' | 'max_connections_per_ip';

/**
 * Places that only this role may take: a share of 1 % is one place at least, so that no small relay is without. One place in all
 * goes to whoever comes first.
 */
export const reservedPlaces = ({ maxConnections, reservedPercent }: Caps, role: Role): number => {
  if (maxConnections < 2 || reservedPercent[role] === 0) return 0;
  return Math.max(1, Math.floor((maxConnections * reservedPercent[role]) / 100));
};

const OTHER: Readonly<Record<Role, Role>> = { binary: 'phone', phone: 'binary' };

export class ConnectionCaps {
  /** May be lowered below what is taken: nobody is closed, and nobody is let in until there are fewer. */
  caps: Caps;
  readonly #taken: Record<Role, number> = { binary: 0, phone: 0 };
  readonly #bySubscriber = new Map<string, number>();

  constructor(caps: Caps) {
    this.caps = caps;
  }

  /** Connections of each role. */
  get taken(): Readonly<Record<Role, number>> {
    return this.#taken;
  }

  get total(): number {
    return this.#taken.binary + this.#taken.phone;
  }

  /** @returns the function that frees the place, harmless if called again; or the limit that is reached */
  take(role: Role, subscriber: string): (() => void) | CapLimit {
    const limit = this.#reached(role, subscriber);
    if (limit !== undefined) return limit;
    this.#count(role, subscriber, 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#count(role, subscriber, -1);
      isTaken = false;
    };
  }

  #reached(role: Role, subscriber: string): CapLimit | undefined {
    const { maxConnections, maxPerSubscriber } = this.caps;
    if (maxPerSubscriber > 0 && (this.#bySubscriber.get(subscriber) ?? 0) >= maxPerSubscriber)
      return 'max_connections_per_ip';
    if (this.total >= maxConnections) return 'max_connections';
    const other = OTHER[role];
    const keptForOther = Math.max(reservedPlaces(this.caps, other), this.#taken[other]);
    return this.#taken[role] + keptForOther >= maxConnections ? 'reserved' : undefined;
  }

  #count(role: Role, subscriber: string, change: 1 | -1): void {
    this.#taken[role] += change;
    const left = (this.#bySubscriber.get(subscriber) ?? 0) + change;
    if (left === 0) this.#bySubscriber.delete(subscriber);
    else this.#bySubscriber.set(subscriber, left);
  }
}
