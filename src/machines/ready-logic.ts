/**
 * A chart starts the same way each time, but XState computes its start anew for every actor: a tenth of the cost of one
 * more connection in the charts (docs/performance.md). This logic is the chart's own, except that each actor starts from
 * a copy of one initial snapshot.
 */
import type { ActorLogic, ActorSystem, ActorSystemInfo, EventObject, MachineContext, Snapshot } from 'xstate';

type System = ActorSystem<ActorSystemInfo>;

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
    transition: chart.transition,
    getPersistedSnapshot: chart.getPersistedSnapshot,
    getInitialSnapshot: (scope, input) => {
      first ??= chart.getInitialSnapshot(scope, input);
      return { ...first, context: contextOf(input), children: {} };
    },
  };
};
