/** Positions of the lifelines in a sequence diagram: the server in the middle, binaries on its left, phones on its right. */
import { type Arrow, type Lifeline, SERVER } from './sequence-arrows.ts';

const GAP = 190;
/** Room for the time of day, and for the arrows between the leftmost binary and its socket. */
const LEFT = 245;
const LEFT_WITHOUT_BINARY = 130;
/** Room for the arrows between the rightmost phone and its socket. */
const RIGHT = 220;

export interface Placed extends Lifeline {
  readonly x: number;
  /** Row of its first arrow. */
  readonly first: number;
  /** Row of the arrow that ended its connection; the number of rows if it has not ended. */
  readonly last: number;
  readonly hasEnded: boolean;
}

export interface Layout {
  readonly width: number;
  readonly rows: number;
  /** The row of an arrow. */
  readonly rowOf: (arrow: number) => number;
  /** By key, the server's first. */
  readonly lifelines: ReadonlyMap<string, Placed>;
}

/** Its first and last are indices of arrows. */
type Span = Omit<Placed, 'x'>;

const spanOf = (key: string, lifeline: Lifeline, arrows: readonly Arrow[]): Span => {
  const first = arrows.findIndex(({ from, to }) => from === key || to === key);
  const latest = arrows.findLastIndex(({ from, to }) => from === key || to === key);
  const isOver = arrows[latest]?.leaving === key;
  const end = isOver ? latest : arrows.findIndex(({ to, isEnd }) => isEnd && to === key);
  return { ...lifeline, first, last: end === -1 ? arrows.length : end, hasEnded: end !== -1 };
};

/** A connection takes the first column, counted from the server, that is free when it begins. */
const columnsOf = (spans: ReadonlyMap<string, Span>): ReadonlyMap<string, number> => {
  const takenUntil: number[] = [];
  const columns = new Map<string, number>();
  for (const [key, { first, last }] of [...spans].toSorted(([, a], [, b]) => a.first - b.first)) {
    const free = takenUntil.findIndex((row) => row < first - 1);
    const column = free === -1 ? takenUntil.length : free;
    takenUntil[column] = last;
    columns.set(key, column);
  }
  return columns;
};

export const layOut = (known: ReadonlyMap<string, Lifeline>, arrows: readonly Arrow[]): Layout => {
  const spans = new Map([...known].map(([key, lifeline]) => [key, spanOf(key, lifeline, arrows)]));
  const sideOf = (side: Lifeline['side']): ReadonlyMap<string, Span> =>
    new Map([...spans].filter(([, span]) => span.side === side && span.first !== -1));
  const [binaries, phones] = [columnsOf(sideOf('binary')), columnsOf(sideOf('phone'))];
  const count = (columns: ReadonlyMap<string, number>): number =>
    [...columns.values()].reduce((most, column) => Math.max(most, column + 1), 0);
  const serverX = binaries.size === 0 ? LEFT_WITHOUT_BINARY : LEFT + count(binaries) * GAP;

  // A lifeline that begins has a row of its own for its title, so that no arrow or text crosses it.
  const begins = [...spans.values()].map(({ first }) => first).filter((first) => first > 0);
  const rowOf = (arrow: number): number => arrow + begins.filter((first) => first <= arrow).length;
  const lifelines = new Map<string, Placed>();
  for (const [key, arrowSpan] of spans) {
    const span = { ...arrowSpan, first: rowOf(arrowSpan.first), last: rowOf(arrowSpan.last) };
    const [left, right] = [binaries.get(key), phones.get(key)];
    if (key === SERVER) lifelines.set(key, { ...span, first: 0, x: serverX });
    if (left !== undefined) lifelines.set(key, { ...span, x: serverX - (left + 1) * GAP });
    if (right !== undefined) lifelines.set(key, { ...span, x: serverX + (right + 1) * GAP });
  }
  return {
    width: serverX + count(phones) * GAP + RIGHT,
    rows: rowOf(arrows.length),
    rowOf,
    lifelines,
  };
};
