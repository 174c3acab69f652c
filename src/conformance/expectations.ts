/**
 * What the wire must show for each event in each situation. Written from the specification (relay-behaviour.md sections 1
 * to 5), not from the charts, so that the charts can be checked against it. Peers that a row does not name stay
 * connected and are sent nothing.
 */
import type { Situation, WireEvent } from './wire-events.ts';

/** A close code and its reason; a reason of null is not compared. */
export interface ExpectedClose {
  readonly code: number;
  readonly reason: string | null;
}

/** The roles that a row can name. */
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
  /** The dialler's role if it is not closed: admitted at once, or waiting for a probe. */
  readonly dialler?: 'admitted' | 'waits';
  /** The new holder of the slot, if it has changed. */
  readonly newHolder?: 'dialler' | 'first in line';
  /** The code in the close notice to the holder about the closed phone; absent if there is none. */
  readonly notice?: number;
  /** Whether the frame that the event sends is delivered. */
  readonly delivered?: boolean;
  /** The place of the closed phone is free before it answers its close frame. */
  readonly freesPlaceAtOnce?: boolean;
}

const BARE = { code: 1000, reason: '' };
const NO_SERVER = { code: 4404, reason: 'no server with that id' };
const RECLAIMED = { code: 4404, reason: 'binary reclaimed server-id' };
const CLAIMED = { code: 4409, reason: 'server-id already claimed' };
const TOO_MANY = { code: 4429, reason: 'too many phones for server-id' };
const SILENT = { code: 1011, reason: 'heartbeat timeout' };
const DISMISSED = { code: 4401, reason: '' };
const GOING_AWAY = { code: 1001, reason: 'shutting down' };

export interface Row {
  readonly event: WireEvent;
  readonly slots: readonly Situation['slot'][];
  /** Additional condition; a row without one always applies. */
  readonly when?: (at: Situation, limits: Limits) => boolean;
  readonly expected: Expected;
}

export interface Limits {
  /** 0 or less means no cap. */
  readonly maxPhones: number;
  /** Maximum claimants in line: the relay's own limit. */
  readonly maxLine: number;
}

const isFull = ({ phones }: Situation, { maxPhones }: Limits): boolean =>
  maxPhones > 0 && phones >= maxPhones;
const hasLongLine = ({ line }: Situation, { maxLine }: Limits): boolean => line >= maxLine;

/** The first matching row applies. */
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

  // The relay checks for a binary before it checks the cap.
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
  // The relay decides this close, so the notice does not wait for the phone's answer.
  {
    event: 'phone sends bad JSON',
    slots: ['live', 'probing'],
    expected: { notice: 1001, closes: { 'oldest phone': BARE } },
  },
  { event: 'phone sends bad JSON', slots: ['grace'], expected: { closes: { 'oldest phone': BARE } } },

  {
    event: 'dismiss',
    slots: ['live'],
    expected: { delivered: true, freesPlaceAtOnce: true, closes: { 'oldest phone': DISMISSED } },
  },
  {
    event: 'dismiss illegally',
    slots: ['live'],
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

/**
 * The first of `rows` that applies.
 * @throws if none does: the table is incomplete
 */
export const rowFor = (rows: readonly Row[], event: WireEvent, at: Situation, limits: Limits): Row => {
  const row = rows.find(
    (candidate) =>
      candidate.event === event &&
      candidate.slots.includes(at.slot) &&
      (candidate.when?.(at, limits) ?? true),
  );
  if (row === undefined) throw new Error(`no row for "${event}" when ${at.slot}`);
  return row;
};

export const expect = (event: WireEvent, at: Situation, limits: Limits): Expected =>
  rowFor(ROWS, event, at, limits).expected;
