/**
 * A chart starts the same way each time, and XState works that out anew for every actor: a tenth of what one more connection
 * costs the charts (docs/performance.md). This logic is the chart's own, except that an actor starts from a copy of the first
 * snapshot.
 */
import type { ActorLogic, ActorSystem, ActorSystemInfo, EventObject, MachineContext, Snapshot } from 'xstate';

type System = ActorSystem<ActorSystemInfo>;

/**
 * The chart must start in a state without entry actions, timers and eventless transitions, whatever its input:
 * `test/machines/ready-logic.test.ts` holds the charts that are used so to that.
 * @param contextOf the context of an actor with this input
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
