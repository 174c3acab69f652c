/** The parts of a chart that tests can exercise, each with a name: states, transitions, outcomes of guards, timers. */
import type { AnyStateMachine } from 'xstate';
import type { StateNode } from '../machines/active-states.ts';

export interface TransitionPart {
  /** "server.claimed on phone.registered [1] → itself" */
  readonly name: string;
  /** Id of the state that has it. */
  readonly source: string;
  /** As XState names it; empty for an eventless transition. */
  readonly event: string;
  /** Its place among the source's transitions on this event. */
  readonly index: number;
  /** The name of its guard; undefined if it has none. */
  readonly guard: string | undefined;
}

export interface DelayPart {
  /** "gracePeriod of server.claimed.grace" */
  readonly name: string;
  /** XState's event type for it. */
  readonly event: string;
}

export interface ChartParts {
  /** Ids; parents before their children. */
  readonly states: readonly string[];
  readonly transitions: readonly TransitionPart[];
  readonly delays: readonly DelayPart[];
}

const guardName = (guard: unknown): string | undefined => {
  if (guard === undefined) return undefined;
  if (typeof guard === 'string') return guard;
  const type: unknown = typeof guard === 'object' && guard !== null ? Reflect.get(guard, 'type') : undefined;
  return typeof type === 'string' ? type : 'guard';
};

/** What identifies a transition of a chart. */
export const transitionKey = (source: string, event: string, index: number): string =>
  `${source} on ${event || 'always'} [${index}]`;

const transitionsOf = (node: StateNode): TransitionPart[] =>
  [...node.transitions, ['', node.always ?? []] as const].flatMap(([event, definitions]) =>
    definitions.map(({ target, guard }, index) => ({
      name: `${transitionKey(node.id, event, index)} → ${target?.map(({ id }) => id).join(', ') ?? 'itself'}`,
      source: node.id,
      event,
      index,
      guard: guardName(guard),
    })),
  );

const delaysOf = (node: StateNode): DelayPart[] => {
  const delays = new Map(node.after.map(({ eventType, delay }) => [eventType, String(delay)]));
  return [...delays].map(([event, delay]) => ({ name: `${delay} of ${node.id}`, event }));
};

const nodesOf = (node: StateNode): StateNode[] => [node, ...Object.values(node.states).flatMap(nodesOf)];

export const chartParts = ({ root }: AnyStateMachine): ChartParts => {
  const nodes = nodesOf(root);
  return {
    states: nodes.map(({ id }) => id),
    transitions: nodes.flatMap(transitionsOf),
    delays: nodes.flatMap(delaysOf),
  };
};
