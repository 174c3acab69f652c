/** A relay under test: the actors themselves, or a daemon at an address. */
import type { Expected } from './expectations.ts';
import type { Edge } from './server-graph.ts';

/** Begins the problem of the phone that registers when a path is over: it says whether the holder is the real one. */
export const IN_THE_END = 'in the end, of one more phone: ';
/** Begins the problem of the phone that takes the place of a dismissed one. */
export const IN_ITS_PLACE = 'while the dismissed phone has not answered its close frame: ';

export interface Target {
  /**
   * Performs the edge's event and compares the result with `expected`.
   * @returns the problem, such as "expected 4429, got open"; undefined if the result is as expected
   * @throws Overrun if the step took so long that a timer of the target may have expired
   */
  step(edge: Edge, expected: Expected): Promise<string | undefined>;
  /** Reports late or unexpected messages and closes. */
  finish(): Promise<string | undefined>;
  dispose(): void;
}

/** This machine was too slow for the target's timers, or stood still. The path is inconclusive and is repeated. */
export class Overrun extends Error {
  override readonly name = 'Overrun';
}

/**
 * What may happen now and then: the right thing came late, or TCP was dropped where the profile allows it. A path fails only when
 * it happens each time that the path is repeated. The message is the problem.
 */
export class Lapse extends Error {
  override readonly name = 'Lapse';
}
