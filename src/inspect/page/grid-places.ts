/** Places in the picture of the whole: a server-id keeps its square for as long as it exists. */
import type { Row } from '../updates.ts';

export class GridPlaces {
  readonly #places = new Map<string, number>();
  readonly #rows: (Row | undefined)[] = [];
  #free: number[] = [];

  /** Squares in use and free ones between them. */
  get size(): number {
    return this.#rows.length;
  }

  at(place: number): Row | undefined {
    return this.#rows[place];
  }

  clear(): void {
    this.#places.clear();
    this.#rows.length = 0;
    this.#free = [];
  }

  /** @returns the place of the row */
  set(row: Row): number {
    const place = this.#places.get(row[0]) ?? this.#free.pop() ?? this.#rows.length;
    this.#places.set(row[0], place);
    this.#rows[place] = row;
    return place;
  }

  /** @returns the place that is free now, if it had one */
  delete(serverId: string): number | undefined {
    const place = this.#places.get(serverId);
    if (place === undefined) return undefined;
    this.#places.delete(serverId);
    this.#rows[place] = undefined;
    this.#free.push(place);
    return place;
  }
}

export interface Grid {
  readonly columns: number;
  /** Width and height of a square and of the gap after it, in pixels of the screen. */
  readonly step: number;
  readonly gap: number;
}

const STEPS = { least: 3, most: 30 };

/** The largest squares with which `count` of them fit. @param width and height in pixels of the screen */
export const gridFor = (count: number, width: number, height: number): Grid => {
  let step = Math.min(STEPS.most, Math.floor(Math.sqrt((width * height) / Math.max(1, count))));
  while (step > STEPS.least && Math.ceil(count / Math.floor(width / step)) * step > height) step--;
  step = Math.max(STEPS.least, step);
  return { columns: Math.max(1, Math.floor(width / step)), step, gap: step < 6 ? 1 : 2 };
};

export interface Dots {
  /** Dots in a row. */
  readonly across: number;
  readonly count: number;
  readonly size: number;
  readonly step: number;
}

/** As many phones as a server-id has at most, if nothing else is set, stand in a square of four by four dots. */
const MOST_ACROSS = 4;
/** A dot and the gap after it: less is not seen. */
const LEAST_STEP = 3;
/** Of the colour of the state, around the dots. */
const BORDER = 1;

/** How the phones of a server-id stand in a square of `side` pixels: as many as fit, each dot of the same size. */
export const dotsFor = (phones: number, side: number): Dots => {
  const inner = Math.max(1, side - 2 * BORDER);
  const across = Math.max(1, Math.min(MOST_ACROSS, Math.floor(inner / LEAST_STEP)));
  const step = Math.max(1, Math.floor(inner / across));
  return { across, count: Math.min(phones, across * across), size: Math.ceil(step / 2), step };
};
