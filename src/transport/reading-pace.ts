/** How fast the sockets that wait for turns are read (docs/adr/0008, docs/adr/0016). */
import {
  CROWD_LANES,
  CROWD_READ_MS,
  CROWD_REST_MS,
  READERS_REST_MS,
  WAITING_READERS_PER_TURN,
} from '../protocol/limits.ts';

/** `backlog`: half of the memory for backlogs is taken. `crowd`: many lanes wait. */
export type RestReason = 'backlog' | 'crowd';

export interface Rest {
  readonly reason: RestReason;
  readonly ms: number;
}

/** What the end of a turn does: it resumes `readers`, and then none until `rest` is over. */
export interface Step {
  readonly readers: number;
  readonly rest: Rest | undefined;
}

const FREE: Step = { readers: WAITING_READERS_PER_TURN, rest: undefined };
const ONE: Step = { readers: 1, rest: undefined };
const ONE_AND_REST: Step = { readers: 1, rest: { reason: 'backlog', ms: READERS_REST_MS } };
const REST: Step = { readers: 0, rest: { reason: 'crowd', ms: CROWD_REST_MS } };

export class ReadingPace {
  readonly #isShort: () => boolean;
  readonly #nowMs: () => number;
  /** Since when a crowd has been read without a rest; undefined if it is not read. */
  #readingSinceMs: number | undefined;

  /** @param isShort whether memory for backlogs is short */
  constructor(isShort: () => boolean, nowMs: () => number) {
    this.#isShort = isShort;
    this.#nowMs = nowMs;
  }

  /** @param lanes in which somebody waits, at least one */
  next(lanes: number): Step {
    if (this.#isShort()) {
      this.interrupt();
      return ONE_AND_REST;
    }
    if (lanes < CROWD_LANES) {
      this.interrupt();
      return FREE;
    }
    const nowMs = this.#nowMs();
    if (this.#readingSinceMs === undefined) {
      this.#readingSinceMs = nowMs;
      return ONE;
    }
    if (nowMs - this.#readingSinceMs < CROWD_READ_MS) return ONE;
    this.interrupt();
    return REST;
  }

  /** Nobody is read for another reason. Time that goes by meanwhile is no reason for a rest. */
  interrupt(): void {
    this.#readingSinceMs = undefined;
  }
}
