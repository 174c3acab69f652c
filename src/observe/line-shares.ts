/**
 * Bounds the lines that a peer can cause as often as it likes: the first of a period are logged in full, the others counted.
 * Each event has a share under each server-id, and one for each address, over all its server-ids. The addresses of one subscriber
 * count as one: whoever has a /64 has 2^64 of them.
 */

import { subscriberOf } from '../protocol/peer-address.ts';
import { AddressShares, charge } from './address-shares.ts';
import { type LineBound, type LogEventName, type LogFields, logEvents } from './log-events.ts';
import * as limits from './log-limits.ts';
import type { LogSink } from './log-line.ts';

/** The lines of one event under one server-id. */
interface Kind {
  readonly event: LogEventName;
  readonly serverId: string;
  /** As `subscriberOf` returns it, here and below. */
  readonly address: string;
  /** Of a server-id that is not in service yet. */
  readonly isNewcomer: boolean;
  startMs: number;
  written: number;
  leftOut: number;
}

/** Who claimed a server-id first since it was free, and when. */
interface Claim {
  readonly address: string;
  readonly atMs: number;
}

const IN_FULL = {
  none: Number.POSITIVE_INFINITY,
  dials: limits.DIAL_LINES_IN_FULL,
  messages: limits.MESSAGE_LINES_IN_FULL,
  refusals: Number.POSITIVE_INFINITY,
} as const satisfies Record<LineBound, number>;

const isLogEvent = (event: string): event is LogEventName => Object.hasOwn(logEvents, event);
const messageEvents = Object.keys(logEvents)
  .filter(isLogEvent)
  .filter((event) => logEvents[event].bound === 'messages');

const textOf = (fields: object, key: string): string => {
  const value: unknown = Reflect.get(fields, key);
  return typeof value === 'string' ? value : '';
};

const kindKey = (event: string, serverId: string): string => `${event} ${serverId}`;

export class LineShares implements LogSink {
  readonly #sink: LogSink;
  readonly #nowMs: () => number;
  /** By event and server-id; the period that began first is first. */
  readonly #kinds = new Map<string, Kind>();
  readonly #addresses = new AddressShares();
  /** By server-id, from its claim to the end of its grace period. */
  readonly #claims = new Map<string, Claim>();
  #newcomerKinds = 0;
  #leftOutLines = 0;

  constructor(sink: LogSink, nowMs: () => number) {
    this.#sink = sink;
    this.#nowMs = nowMs;
  }

  /** Lines that were counted instead of logged. */
  get leftOutLines(): number {
    return this.#leftOutLines;
  }

  info(fields: object, event: string): void {
    if (this.#mayLog(fields, event)) this.#sink.info(fields, event);
  }

  warn(fields: object, event: string): void {
    if (this.#mayLog(fields, event)) this.#sink.warn(fields, event);
  }

  error(fields: object, event: string): void {
    if (this.#mayLog(fields, event)) this.#sink.error(fields, event);
  }

  /** Logs the counts of all periods that have ended, and forgets those without one. */
  sweep(): void {
    const nowMs = this.#nowMs();
    for (const [key, kind] of this.#kinds) {
      if (nowMs - kind.startMs < limits.LOG_LINE_PERIOD_MS) break;
      this.#kinds.delete(key);
      if (kind.leftOut === 0) {
        if (kind.isNewcomer) this.#newcomerKinds--;
        continue;
      }
      // While it goes on, nothing more is logged in full.
      this.#reportKind(kind);
      kind.startMs = nowMs;
      this.#kinds.set(key, kind);
    }
    this.#sweepAddresses(nowMs);
  }

  /** Logs all counts: nothing follows. */
  end(): void {
    for (const kind of this.#kinds.values()) this.#reportKind(kind);
    this.#sweepAddresses(Number.POSITIVE_INFINITY);
  }

  #mayLog(fields: object, event: string): boolean {
    if (!isLogEvent(event)) return true;
    const inFull = IN_FULL[logEvents[event].bound];
    if (inFull === Number.POSITIVE_INFINITY) return true;
    const serverId = textOf(fields, 'server_id');
    const remote = subscriberOf(textOf(fields, 'remote'));
    if (event === 'server_claimed' && !this.#claims.has(serverId))
      this.#claims.set(serverId, { address: remote, atMs: this.#nowMs() });
    if (event === 'binary_forwarder_read_end') this.#binaryEnded(serverId);
    const mayLog = this.#takes(event, serverId, remote, inFull);
    if (event === 'server_grace_expired' || event === 'server_actor_failed') this.#claims.delete(serverId);
    return mayLog;
  }

  #takes(event: LogEventName, serverId: string, remote: string, inFull: number): boolean {
    const nowMs = this.#nowMs();
    const key = kindKey(event, serverId);
    const known = this.#kinds.get(key);
    if (known !== undefined && known.written >= inFull) {
      known.leftOut++;
      this.#leftOutLines++;
      return false;
    }
    const claim = this.#claims.get(serverId);
    // A line without an address counts for the one that has claimed the server-id.
    const address = remote === '' ? (claim?.address ?? '') : remote;
    const isNewcomer = claim === undefined || nowMs - claim.atMs < limits.NEWCOMER_MS;
    const hasPlace = known !== undefined || this.#hasPlace(isNewcomer);
    const share = this.#addresses.of(event, address, nowMs);
    if (!hasPlace || !charge(share, isNewcomer)) {
      share.leftOut++;
      this.#leftOutLines++;
      return false;
    }
    if (known === undefined) {
      this.#kinds.set(key, { event, serverId, address, isNewcomer, startMs: nowMs, written: 1, leftOut: 0 });
      if (isNewcomer) this.#newcomerKinds++;
    } else known.written++;
    return true;
  }

  /** Whether one more kind can be counted. */
  #hasPlace(isNewcomer: boolean): boolean {
    if (isNewcomer && this.#newcomerKinds >= limits.MAX_COUNTED_NEWCOMER_KINDS) return false;
    return this.#kinds.size < limits.MAX_COUNTED_LINE_KINDS;
  }

  /** The counts of its messages come before the line that says it has left. Its share stays used up: it can dial again. */
  #binaryEnded(serverId: string): void {
    for (const event of messageEvents) {
      const kind = this.#kinds.get(kindKey(event, serverId));
      if (kind !== undefined) this.#reportKind(kind);
    }
  }

  /** The count is charged like any line: a count for each of a thousand server-ids would be a flood, too. */
  #reportKind(kind: Kind): void {
    const { event, serverId, address, isNewcomer, leftOut } = kind;
    if (leftOut === 0) return;
    kind.leftOut = 0;
    const share = this.#addresses.of(event, address, this.#nowMs());
    if (charge(share, isNewcomer)) this.#report({ event, server_id: serverId, remote: '', lines: leftOut });
    else share.leftOut += leftOut;
  }

  #sweepAddresses(nowMs: number): void {
    this.#addresses.sweep(nowMs, ({ event, address, leftOut }) =>
      this.#report({ event, server_id: '', remote: address, lines: leftOut }),
    );
  }

  /** Not by `write`: the texts are those of lines, so they are escaped. */
  #report(fields: LogFields<'lines_left_out'>): void {
    this.#sink[logEvents.lines_left_out.level](fields, 'lines_left_out');
  }
}
