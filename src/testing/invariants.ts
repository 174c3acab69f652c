/** Checks what must hold in every state that a chart can reach, and in every step that it can take. */

export interface StateInvariant<S> {
  readonly name: string;
  readonly holds: (state: S) => boolean;
}

export interface StepInvariant<G> {
  readonly name: string;
  readonly holds: (step: G) => boolean;
}

/** The part of an explored step that is needed here. */
export interface CheckedStep<S> {
  readonly event: string;
  readonly state: S;
  readonly nextState: S;
}

export interface InvariantOptions<S, G> {
  readonly states?: readonly StateInvariant<S>[];
  readonly steps?: readonly StepInvariant<G>[];
  /** What is wrong with a step, in words: for a check that can say more than whether it holds. */
  readonly judge?: (step: G) => readonly string[];
  /** Names a state in a violation; states of the same name count once. */
  readonly describe: (state: S) => string;
}

export interface InvariantReport {
  readonly states: number;
  readonly steps: number;
  /** "register in live, 3 phones: never more phones than the cap" */
  readonly violations: readonly string[];
}

export const checkInvariants = <G extends CheckedStep<unknown>>(
  edges: readonly G[],
  { states = [], steps = [], judge, describe }: InvariantOptions<G['state'], G>,
): InvariantReport => {
  const violations = new Set<string>();
  const seen = new Set<string>();
  for (const edge of edges) {
    const where = `${edge.event} in ${describe(edge.state)}`;
    for (const state of [edge.state, edge.nextState]) {
      seen.add(describe(state));
      for (const { name, holds } of states) if (!holds(state)) violations.add(`${where}: ${name}`);
    }
    for (const { name, holds } of steps) if (!holds(edge)) violations.add(`${where}: ${name}`);
    for (const problem of judge?.(edge) ?? []) violations.add(`${where}: ${problem}`);
  }
  return { states: seen.size, steps: edges.length, violations: [...violations] };
};
