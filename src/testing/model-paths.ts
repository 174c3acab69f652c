/**
 * Paths through a chart that can happen: the chart has walked each on a clock of its own, which says how long every step waits.
 */
import type { AnyStateMachine, EventFromLogic, EventObject } from 'xstate';
import { ChartSubject, OutOfTurn } from './chart-subject.ts';
import { type Cover, coverPaths, describePath, type Path } from './covers.ts';
import {
  type ArmedTimer,
  type ChartEdge,
  type ExploreOptions,
  explore,
  isTimer,
  startKey,
  stateKey,
} from './explore.ts';

export interface ModelStep<M extends AnyStateMachine, E extends EventObject = EventFromLogic<M> | ArmedTimer>
  extends ChartEdge<M, E> {
  /** Ms to wait: until the timer fires, or before the event, so that a timer of before it is not due with a later one. */
  readonly waitMs: number;
}

export interface ModelPath<M extends AnyStateMachine> extends Path<ModelStep<M>> {
  /** "coin, push x2, after openTime" */
  readonly name: string;
  /** No timer runs at the end: nothing may happen within that many ms, the longest wait of all. Undefined if one does. */
  readonly quietMs: number | undefined;
}

export interface ModelPathsOptions<M extends AnyStateMachine> extends ExploreOptions<M> {
  /** By default each event in each state (`edge`). */
  readonly cover?: Cover;
  /**
   * Ms to wait before each event, unless a timer is due by then (1). With 0, a timer that should have been stopped or started
   * again is due at the same time as the right one, and nobody sees the difference.
   */
  readonly pauseMs?: number;
}

export interface ModelPaths<M extends AnyStateMachine> {
  readonly edges: readonly ChartEdge<M>[];
  readonly paths: readonly ModelPath<M>[];
  /** Paths that no clock allows, because another timer is due first. */
  readonly impossible: readonly { readonly name: string; readonly why: string }[];
}

const unlike = (expected: string, actual: string): string =>
  `the key calls two states the same that differ in what follows: expected ${expected}, got ${actual}`;

type Walked<M extends AnyStateMachine> = Omit<ModelPath<M>, 'quietMs'> & { readonly isQuiet: boolean };

/** @throws OutOfTurn if the clock does not allow the path */
const walk = <M extends AnyStateMachine>(
  machine: M,
  { id, steps }: Path<ChartEdge<M>>,
  { input, key = stateKey, pauseMs = 1 }: ModelPathsOptions<M>,
): Walked<M> => {
  const name = describePath({ steps });
  const chart = new ChartSubject(machine, input);
  const waitBefore = (): number => {
    if ((chart.clock.nextInMs ?? Number.POSITIVE_INFINITY) <= pauseMs) return 0;
    chart.wait(pauseMs);
    return pauseMs;
  };
  try {
    const walked = steps.map((edge) => {
      // Every event of a machine is one, which the compiler does not see for a generic machine.
      const pausedMs = isTimer((edge.trigger as EventObject).type) ? 0 : waitBefore();
      const step = { ...edge, waitMs: pausedMs + chart.take(edge.trigger) };
      if (key(chart.state) !== edge.to) throw new Error(`${name}: ${unlike(edge.to, key(chart.state))}`);
      return step;
    });
    return { id, name, steps: walked, isQuiet: chart.clock.nextInMs === undefined };
  } finally {
    chart.stop();
  }
};

/**
 * The path of these steps, such as those of a random walk, with its waits.
 * @throws OutOfTurn if no clock allows it, because another timer is due first
 */
export const modelPath = <M extends AnyStateMachine>(
  machine: M,
  steps: readonly ChartEdge<M>[],
  options: ModelPathsOptions<M> = {},
): ModelPath<M> => {
  const { isQuiet, ...path } = walk(machine, { id: '', steps }, options);
  const longestMs = Math.max(0, ...path.steps.map(({ waitMs }) => waitMs));
  return { ...path, quietMs: isQuiet ? longestMs : undefined };
};

/** @throws if the graph has more edges than the limit, the chart throws, or `key` leaves out what matters */
export const modelPaths = <M extends AnyStateMachine>(
  machine: M,
  options: ModelPathsOptions<M> = {},
): ModelPaths<M> => {
  const { cover = 'edge' } = options;
  const edges = explore(machine, options);
  const start = startKey(machine, options);
  const walked: Walked<M>[] = [];
  const impossible: { name: string; why: string }[] = [];
  for (const path of coverPaths<string, ChartEdge<M>>(edges, { cover, start, key: (state) => state })) {
    try {
      walked.push(walk(machine, path, options));
    } catch (error) {
      if (!(error instanceof OutOfTurn)) throw error;
      impossible.push({ name: describePath(path), why: error.message });
    }
  }
  const longestMs = Math.max(0, ...walked.flatMap(({ steps }) => steps.map(({ waitMs }) => waitMs)));
  const paths = walked.map(({ id, name, steps, isQuiet }) => ({
    id,
    name,
    steps,
    quietMs: isQuiet ? longestMs : undefined,
  }));
  return { edges, paths, impossible };
};
