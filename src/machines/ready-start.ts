/**
 * A chart begins the same way each time: XState works that out anew for every actor, which is a quarter of what taking in a
 * connection costs the charts (docs/performance.md). Here it is worked out once, and later actors begin with a copy.
 */
import type { ContextFrom, InputFrom, SnapshotFrom } from 'xstate';
import type { connectionMachine } from './connection-machine.ts';
import type { serverMachine } from './server-machine.ts';

type Chart = typeof connectionMachine | typeof serverMachine;

/**
 * The same logic as `machine`. What it begins in must not depend on its input, and must have no entry actions, no delayed
 * and no eventless transitions: `test/machines/ready-start.test.ts` holds every chart that is used so to that.
 * @param contextOf the context an actor with this input begins with
 */
export const withReadyStart = <M extends Chart>(
  machine: M,
  contextOf: (input: InputFrom<M>) => ContextFrom<M>,
): M => {
  let first: SnapshotFrom<M> | undefined;
  const getInitialSnapshot = (
    scope: Parameters<M['getInitialSnapshot']>[0],
    input: InputFrom<M>,
  ): SnapshotFrom<M> => {
    // M is one of two machines, each with its own types; scope and input are those of the machine's own method.
    first ??= machine.getInitialSnapshot(scope as never, input as never) as SnapshotFrom<M>;
    return Object.assign({}, first, { context: contextOf(input), children: {} });
  };
  // Everything else is asked of the machine itself, through the prototype, which is what makes the result an M.
  return Object.create(machine, { getInitialSnapshot: { value: getInitialSnapshot } }) as M;
};
