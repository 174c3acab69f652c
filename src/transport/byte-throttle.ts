/**
 * Holds each server-id to a byte rate in each direction, by not reading: TCP then pushes back on its phones, or its binary. Off,
 * it costs one comparison for each read.
 */
import { ByteRate, type Rate } from '../admission/byte-rate.ts';
import { FairShares } from '../admission/fair-shares.ts';
import { BYTE_RATE_LEAD_BYTES } from '../admission/limits.ts';
import { isOpen } from '../machines/connection-view.ts';
import type { ServerRef } from '../machines/server-view.ts';
import type { Role } from '../protocol/routing-headers.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import { contain, type DataPlane, findServer, type Throttle } from './data-plane.ts';

interface Throttled {
  readonly member: ConnectionAdapter;
  readonly sinceMs: number;
}

/** The senders of one direction: the phones of a server-id, or its binary. */
interface Senders {
  readonly rate: ByteRate;
  readonly shares: FairShares<ConnectionAdapter>;
  /** Not read, longest waiting first. */
  readonly waiting: Throttled[];
  timer: NodeJS.Timeout | undefined;
}

/** A sender that is read again gets this long to be read before the next one. */
const TURN_MS = 1;

export class ByteThrottle implements Throttle {
  #rate: Rate | undefined;
  /** Kept as long as the server actor, grace included: to dial again gives no new burst. */
  readonly #byServer = new WeakMap<ServerRef, Record<Role, Senders>>();
  /** Those with a timer, each with what sets it again. */
  readonly #armed = new Map<Senders, () => void>();

  constructor(rate: Rate | undefined) {
    this.#rate = rate;
  }

  get rate(): Rate | undefined {
    return this.#rate;
  }

  set rate(rate: Rate | undefined) {
    const armed = [...this.#armed];
    // What has been paid off until now was paid at the old rate.
    for (const [senders] of armed) this.#waitMs(senders);
    this.#rate = rate;
    for (const [, arm] of armed) arm();
  }

  count(plane: DataPlane, adapter: ConnectionAdapter, bytes: number): void {
    const rate = this.#rate;
    // What a closing connection sends is dropped, and a claimant has no part in the server-id yet.
    if (rate === undefined || adapter.reader.isLeaving || !isOpen(adapter.chart.getSnapshot())) return;
    const server = findServer(plane, adapter.serverId);
    if (server === undefined) return;
    const nowMs = performance.now();
    const senders = this.#sendersOf(server, rate, nowMs)[adapter.role];
    senders.rate.take(rate, bytes, nowMs);
    senders.shares.take(adapter, bytes);
    if (senders.rate.waitMs(rate, nowMs) === 0 || !senders.shares.isAhead(adapter)) return;
    if (!adapter.throttle()) return;
    senders.waiting.push({ member: adapter, sinceMs: nowMs });
    this.#arm(plane, senders);
  }

  #sendersOf(server: ServerRef, rate: Rate, nowMs: number): Record<Role, Senders> {
    const known = this.#byServer.get(server);
    if (known !== undefined) return known;
    const senders = (): Senders => ({
      rate: new ByteRate(rate, nowMs),
      shares: new FairShares(BYTE_RATE_LEAD_BYTES),
      waiting: [],
      timer: undefined,
    });
    const made = { phone: senders(), binary: senders() };
    this.#byServer.set(server, made);
    return made;
  }

  #waitMs({ rate }: Senders): number {
    return this.#rate === undefined ? 0 : rate.waitMs(this.#rate, performance.now());
  }

  #arm(plane: DataPlane, senders: Senders): void {
    if (senders.timer !== undefined) return;
    senders.timer = setTimeout(
      () => contain(plane.observer, () => this.#release(plane, senders)),
      Math.max(this.#waitMs(senders), TURN_MS),
    ).unref();
    this.#armed.set(senders, () => {
      clearTimeout(senders.timer);
      senders.timer = undefined;
      this.#arm(plane, senders);
    });
  }

  /** Reads one sender again, the one that has used least. The others wait for what it brings. */
  #release(plane: DataPlane, senders: Senders): void {
    senders.timer = undefined;
    this.#armed.delete(senders);
    // Others may have read since the timer was set.
    const first = this.#waitMs(senders) > 0 ? undefined : senders.shares.serve(senders.waiting);
    if (senders.waiting.length > 0) this.#arm(plane, senders);
    if (first === undefined) return;
    const { member: adapter, sinceMs } = first;
    if (plane.adapters.get(adapter.connId) === adapter) adapter.release();
    const ms = performance.now() - sinceMs;
    plane.observer.observe({ type: 'sender.throttled', role: adapter.role, ms });
  }
}
