/** Something that claims to be a relay, as the paths see it: the charts themselves, or a daemon at an address. */
import type { Expected } from './expectations.ts';
import type { Edge } from './server-graph.ts';

export interface Target {
  /**
   * Does what the edge's event says and compares what comes of it.
   * @returns what was wrong, in the field's words; undefined when all was as expected
   * @throws Overrun when the step took so long that a timer of the target may have run out meanwhile
   */
  step(edge: Edge, expected: Expected): Promise<string | undefined>;
  /** Anything that came too late, or that nobody asked for. */
  finish(): Promise<string | undefined>;
  dispose(): void;
}

/** This machine was too slow for the path's timers: the path says nothing, and is repeated. */
export class Overrun extends Error {
  override readonly name = 'Overrun';
}
