/** How many lines of an event each address may still cause in this period, and how many of them were left out. */

import type { LogEventName } from './log-events.ts';
import {
  ADDRESS_LINES_IN_FULL,
  LOG_LINE_PERIOD_MS,
  MAX_COUNTED_ADDRESSES,
  NEWCOMER_LINES_IN_FULL,
} from './log-limits.ts';

/** The lines of one event from one address. */
export interface AddressShare {
  readonly event: LogEventName;
  /** As `subscriberOf` returns it. */
  readonly address: string;
  readonly startMs: number;
  written: number;
  /** Of these, about server-ids that are not in service yet. */
  ofNewcomers: number;
  leftOut: number;
}

/** Addresses that find no place in the table share this one. */
const OTHERS = '';

/** @returns false if the share is used up */
export const charge = (share: AddressShare, isNewcomer: boolean): boolean => {
  if (share.written >= ADDRESS_LINES_IN_FULL) return false;
  if (isNewcomer && share.ofNewcomers >= NEWCOMER_LINES_IN_FULL) return false;
  share.written++;
  if (isNewcomer) share.ofNewcomers++;
  return true;
};

export class AddressShares {
  /** By event and address; the period that began first is first. */
  readonly #shares = new Map<string, AddressShare>();

  of(event: LogEventName, address: string, nowMs: number): AddressShare {
    const key = `${event} ${address}`;
    const known = this.#shares.get(key);
    if (known !== undefined) return known;
    const isFull = this.#shares.size >= MAX_COUNTED_ADDRESSES;
    if (isFull && address !== OTHERS) return this.of(event, OTHERS, nowMs);
    const made: AddressShare = { event, address, startMs: nowMs, written: 0, ofNewcomers: 0, leftOut: 0 };
    this.#shares.set(key, made);
    return made;
  }

  /**
   * Forgets the periods that have ended.
   * @param nowMs infinite to end all
   * @param report called for each share of which lines were left out
   */
  sweep(nowMs: number, report: (share: AddressShare) => void): void {
    for (const [key, share] of this.#shares) {
      if (nowMs - share.startMs < LOG_LINE_PERIOD_MS) break;
      this.#shares.delete(key);
      if (share.leftOut > 0) report(share);
    }
  }
}
