/**
 * What the wire must show, for each event in each situation: written from the specification (relay-behaviour.md
 * sections 1 to 5), not from the charts, so that the charts can be held against it. Whoever is not named in a row is
 * still connected afterwards, and has been sent nothing.
 */
import type { Situation, WireEvent } from './wire-events.ts';

/** A close code, and its reason; a reason of null is not looked at. */
export interface ExpectedClose {
  readonly code: number;
  readonly reason: string | null;
}

/** The roles in which a connection can be meant. */
export type Who =
  | 'dialler'
  | 'holder'
  | 'oldest phone'
  | 'phones'
  | 'first in line'
  | 'rest of line'
  | 'line';

export interface Expected {
  readonly closes?: Partial<Readonly<Record<Who, ExpectedClose>>>;
  /** The dialler's part, when it is not closed: admitted at once, or waiting for a probe. */
  readonly dialler?: 'admitted' | 'waits';
  /** Who holds the slot now, if that has changed. */
  readonly newHolder?: 'dialler' | 'first in line';
  /** The code in the close notice to the holder about the phone that went; absent when there is none. */
  readonly notice?: number;
  /** Whether the frame that the event itself sends arrives. */
  readonly delivered?: boolean;
}

const BARE = { code: 1000, reason: '' };
const NO_SERVER = { code: 4404, reason: 'no server with that id' };
const RECLAIMED = { code: 4404, reason: 'binary reclaimed server-id' };
const CLAIMED = { code: 4409, reason: 'server-id already claimed' };
const TOO_MANY = { code: 4429, reason: 'too many phones for server-id' };
const SILENT = { code: 1011, reason: 'heartbeat timeout' };
const GOING_AWAY = { code: 1001, reason: 'shutting down' };

export interface Row {
  readonly event: WireEvent;
  readonly slots: readonly Situation['slot'][];
  /** Further condition; without one the row holds always. */
  readonly when?: (at: Situation, limits: Limits) => boolean;
  readonly expected: Expected;
}

export interface Limits {
  /** 0 or less for none. */
  readonly maxPhones: number;
  /** Claimants that may wait; the relay's own limit. */
  readonly maxLine: number;
}

const isFull = ({ phones }: Situation, { maxPhones }: Limits): boolean =>
  maxPhones > 0 && phones >= maxPhones;
const hasLongLine = ({ line }: Situation, { maxLine }: Limits): boolean => line >= maxLine;

/** The first row that fits is the one that counts. */
export const ROWS: readonly Row[] = [
  { event: 'claim', slots: ['unclaimed'], expected: { dialler: 'admitted', newHolder: 'dialler' } },
  {
    event: 'claim',
    slots: ['grace'],
    expected: { dialler: 'admitted', newHolder: 'dialler', closes: { phones: RECLAIMED } },
  },
  { event: 'claim', slots: ['live'], expected: { dialler: 'waits' } },
  { event: 'claim', slots: ['probing'], when: hasLongLine, expected: { closes: { dialler: CLAIMED } } },
  { event: 'claim', slots: ['probing'], expected: { dialler: 'waits' } },

  // "Is there a binary" comes before the cap.
  { event: 'register', slots: ['unclaimed'], expected: { closes: { dialler: NO_SERVER } } },
  {
    event: 'register',
    slots: ['live', 'probing', 'grace'],
    when: isFull,
    expected: { closes: { dialler: TOO_MANY } },
  },
  { event: 'register', slots: ['live', 'probing', 'grace'], expected: { dialler: 'admitted' } },

  { event: 'phone leaves', slots: ['live', 'probing'], expected: { notice: 1000 } },
  { event: 'phone drops', slots: ['live', 'probing'], expected: { notice: 1001 } },
  { event: 'phone leaves', slots: ['grace'], expected: {} },
  { event: 'phone drops', slots: ['grace'], expected: {} },
  { event: 'phone sends', slots: ['live', 'probing'], expected: { delivered: true } },
  {
    event: 'phone sends',
    slots: ['grace'],
    expected: { delivered: false, closes: { 'oldest phone': NO_SERVER } },
  },
  // A close that the relay decides: the notice does not wait for the phone's answer.
  {
    event: 'phone sends bad JSON',
    slots: ['live', 'probing'],
    expected: { notice: 1001, closes: { 'oldest phone': BARE } },
  },
  { event: 'phone sends bad JSON', slots: ['grace'], expected: { closes: { 'oldest phone': BARE } } },

  {
    event: 'dismiss',
    slots: ['live', 'probing'],
    expected: { delivered: true, closes: { 'oldest phone': { code: 4401, reason: '' } } },
  },
  {
    event: 'dismiss illegally',
    slots: ['live', 'probing'],
    expected: { delivered: true, closes: { 'oldest phone': { code: 1011, reason: null } } },
  },

  { event: 'holder leaves', slots: ['live'], expected: {} },
  { event: 'holder drops', slots: ['live'], expected: {} },
  {
    event: 'holder leaves',
    slots: ['probing'],
    expected: { newHolder: 'first in line', closes: { phones: RECLAIMED, 'rest of line': CLAIMED } },
  },
  {
    event: 'holder drops',
    slots: ['probing'],
    expected: { newHolder: 'first in line', closes: { phones: RECLAIMED, 'rest of line': CLAIMED } },
  },
  { event: 'holder answers', slots: ['probing'], expected: { closes: { line: CLAIMED } } },
  {
    event: 'holder is silent',
    slots: ['probing'],
    expected: {
      newHolder: 'first in line',
      closes: { holder: SILENT, phones: RECLAIMED, 'rest of line': CLAIMED },
    },
  },
  { event: 'first in line leaves', slots: ['probing'], expected: {} },
  { event: 'last in line leaves', slots: ['probing'], expected: {} },

  { event: 'grace passes', slots: ['grace'], expected: { closes: { phones: NO_SERVER } } },
  { event: 'time passes', slots: ['live'], expected: {} },

  { event: 'drain', slots: ['unclaimed'], expected: {} },
  { event: 'drain', slots: ['live'], expected: { closes: { holder: GOING_AWAY, phones: GOING_AWAY } } },
  {
    event: 'drain',
    slots: ['probing'],
    expected: { closes: { holder: GOING_AWAY, phones: GOING_AWAY, line: GOING_AWAY } },
  },
  { event: 'drain', slots: ['grace'], expected: { closes: { phones: GOING_AWAY } } },
];

/** Relays that differ from ours on purpose can be told so. */
export const PROFILES = ['strict', 'go'] as const;
export type Profile = (typeof PROFILES)[number];

/** Where the Go relay differs (docs/differences.md): these rows come before the others. */
const GO_ROWS: readonly Row[] = [
  {
    event: 'phone sends',
    slots: ['grace'],
    expected: { delivered: false, closes: { 'oldest phone': BARE } },
  },
  { event: 'grace passes', slots: ['grace'], expected: { closes: { phones: BARE } } },
  {
    event: 'dismiss illegally',
    slots: ['live', 'probing'],
    expected: { delivered: true, closes: { 'oldest phone': { code: 1006, reason: null } } },
  },
];

/** The Go relay does not read those who wait, so it does not see them leave. */
const GO_UNSEEN: ReadonlySet<WireEvent> = new Set(['first in line leaves', 'last in line leaves']);
/** Each of its claimants probes for itself: which of several gets the slot is a race. */
const GO_RACES: ReadonlySet<WireEvent> = new Set(['holder leaves', 'holder drops', 'holder is silent']);
/** It has no line, so it has no end of one either. */
const GO_LONGEST_LINE = 2;

/** Whether a profile leaves open what must be seen. */
export const isSkipped = (
  { event, from, to }: { readonly event: WireEvent; readonly from: Situation; readonly to: Situation },
  profile: Profile,
): boolean =>
  profile === 'go' &&
  (GO_UNSEEN.has(event) ||
    (GO_RACES.has(event) && from.line > 1) ||
    Math.max(from.line, to.line) > GO_LONGEST_LINE);

/** @throws when the table has no row: then the table is incomplete */
export const expect = (
  event: WireEvent,
  at: Situation,
  limits: Limits,
  profile: Profile = 'strict',
): Expected => {
  const rows = profile === 'go' ? [...GO_ROWS, ...ROWS] : ROWS;
  const row = rows.find(
    (candidate) =>
      candidate.event === event &&
      candidate.slots.includes(at.slot) &&
      (candidate.when?.(at, limits) ?? true),
  );
  if (row === undefined) throw new Error(`no row for "${event}" when ${at.slot}`);
  return row.expected;
};
