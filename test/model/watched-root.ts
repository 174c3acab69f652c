/**
 * Records what the charts of every relay of a test do, and shortens the timers of those that a test starts with shorter ones. It
 * imports no relay: the relay imports it, in place of `create-root.ts`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { createRoot } from '../../src/create-root.ts';
import { activeStates } from '../../src/machines/active-states.ts';
import { connectionMachine } from '../../src/machines/connection-machine.ts';
import { pushMachine } from '../../src/machines/push-machine.ts';
import { DIRECTORY, type DirectoryRef, PUSH, relayMachine } from '../../src/machines/relay-machine.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';
import { wakeMachine } from '../../src/machines/wake-machine.ts';
import { ChartCoverage } from '../../src/testing/chart-coverage.ts';
import type { PushRef } from '../../src/transport/push-wakes.ts';
import type { TestRelay } from '../support/relay.ts';

export const WATCHED = {
  server: new ChartCoverage(serverMachine),
  connection: new ChartCoverage(connectionMachine),
  relay: new ChartCoverage(relayMachine),
  push: new ChartCoverage(pushMachine),
  wake: new ChartCoverage(wakeMachine),
} as const;

/** Milliseconds, by the delay and its state: "closeAnswerTimeout.connection.refused.answering". */
export type Delays = Readonly<Record<string, number>>;

type Root = ReturnType<typeof createRoot>;

interface Starting {
  readonly delays: Delays;
  root?: Root;
}

const starting = new AsyncLocalStorage<Starting>();
const roots = new WeakMap<TestRelay, Root>();

/** For `vi.mock` of `create-root.ts`. */
export const watchRoots =
  (create: typeof createRoot): typeof createRoot =>
  (...args) => {
    const root = create(...args);
    root.system.inspect((inspected) => {
      for (const coverage of Object.values(WATCHED)) coverage.inspect(inspected);
    });
    // Its first steps are over before anybody can inspect it.
    const [, isPushOn] = args;
    WATCHED.push.takeStart(pushMachine, { isOn: isPushOn });
    const store = starting.getStore();
    if (store !== undefined) store.root = root;
    const delays = store?.delays ?? {};
    const { scheduler } = root.system;
    const schedule = scheduler.schedule.bind(scheduler);
    scheduler.schedule = (source, target, event, delayMs, id) => {
      const name = event.type.replace('xstate.after.', '');
      schedule(source, target, event, delays[name] ?? delayMs, id);
    };
    return root;
  };

/**
 * The charts of a relay that `start` starts are those of `stateOf`.
 * @param delays in place of those of the charts; for those that no setting has
 */
export const startWatched = async (delays: Delays, start: () => Promise<TestRelay>): Promise<TestRelay> => {
  const store: Starting = { delays };
  const relay = await starting.run(store, start);
  if (store.root !== undefined) roots.set(relay, store.root);
  return relay;
};

const systemOf = (relay: TestRelay): Root['system'] => {
  const root = roots.get(relay);
  if (root === undefined) throw new Error('this relay was not started here');
  return root.system;
};

/** The innermost state of a connection, such as "connection.closing.writing"; undefined once it has ended. */
export const stateOf = (relay: TestRelay, connId: string): string | undefined => {
  // The relay chart invokes the directory under this name while it runs.
  const directory = systemOf(relay).get(DIRECTORY) as DirectoryRef;
  const snapshot = directory.getSnapshot().context.connections.get(connId)?.getSnapshot();
  return snapshot && activeStates(snapshot).at(-1)?.id;
};

/** The same of push. */
export const pushStateOf = (relay: TestRelay): string | undefined => {
  // As the directory.
  const push = systemOf(relay).get(PUSH) as PushRef;
  return activeStates(push.getSnapshot()).at(-1)?.id;
};
