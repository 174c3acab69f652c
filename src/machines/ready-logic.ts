/**
 * A chart starts the same way each time, but XState computes its start anew for every actor: a tenth of the cost of one
 * more connection in the charts (docs/performance.md). This logic is the chart's own, except that each actor starts from
 * a copy of one initial snapshot, and that no snapshot has an empty set of tags of its own.
 */
import type { ActorLogic, ActorSystem, ActorSystemInfo, EventObject, MachineContext, Snapshot } from 'xstate';

type System = ActorSystem<ActorSystemInfo>;

/** Nothing writes to it. XState makes a new one for each snapshot: 200 bytes, for as long as an actor does nothing. */
const NO_TAGS: ReadonlySet<string> = new Set();

const withSharedTags = <S extends Snapshot<unknown>>(snapshot: S): S => {
  if ('tags' in snapshot && snapshot.tags instanceof Set && snapshot.tags.size === 0) snapshot.tags = NO_TAGS;
  return snapshot;
};

/**
 * The chart must start in a state without entry actions, timers and eventless transitions, whatever its input.
 * `test/machines/ready-logic.test.ts` checks this for the charts that use it.
 * @param contextOf returns the context of an actor with this input
 */
export const readyLogic = <
  S extends Snapshot<unknown> & { readonly context: MachineContext },
  E extends EventObject,
  I,
  M extends EventObject,
>(
  chart: ActorLogic<S, E, I, System, M>,
  contextOf: (input: I) => S['context'],
): ActorLogic<S, E, I, System, M> => {
  let first: S | undefined;
  return {
    config: chart.config,
    transition: (snapshot, event, scope) => withSharedTags(chart.transition(snapshot, event, scope)),
    getPersistedSnapshot: chart.getPersistedSnapshot,
    getInitialSnapshot: (scope, input) => {
      first ??= chart.getInitialSnapshot(scope, input);
      return { ...first, context: contextOf(input), children: {} };
    },
  };
};
