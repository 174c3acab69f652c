/** Walks a path on a program, and checks it after each step. */
import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  EventFromLogic,
  EventObject,
  InputFrom,
  SnapshotFrom,
} from 'xstate';
import { activeStates } from '../machines/active-states.ts';
import { ChartSubject } from './chart-subject.ts';
import { describeEvents } from './covers.ts';
import { type ArmedTimer, isTimer } from './explore.ts';
import type { ModelPath, ModelStep } from './model-paths.ts';
import { expectStates, stateNames } from './state-names.ts';

/** Performs a step on the program under test. */
export type Perform<M extends AnyStateMachine, S, E extends EventObject = EventFromLogic<M> | ArmedTimer> = (
  subject: S,
  step: ModelStep<M, E>,
) => void | Promise<void>;

/** One for each type of event, typed by it. */
export type Performers<M extends AnyStateMachine, S> = {
  readonly [T in EventFromLogic<M>['type']]?: Perform<M, S, Extract<EventFromLogic<M>, { readonly type: T }>>;
};

export interface Driver<M extends AnyStateMachine, S> {
  /** Makes what a path is walked on: the program under test, in its initial state. */
  readonly subject: () => S | Promise<S>;
  /** What each event of the chart is in the program, by its type. */
  readonly events?: Performers<M, S>;
  /** Performs the events that `events` does not have. */
  readonly perform?: Perform<M, S>;
  /** Lets that many ms pass: `vi.advanceTimersByTime(ms)`. Needed if the chart has timers. */
  readonly wait?: (subject: S, ms: number) => void | Promise<void>;
  /**
   * Checks the program in a state, by the state's path ("open", "claimed.held") or `#id`; `*` for states that no other key
   * names. Called in the initial state too.
   */
  readonly states?: Readonly<Record<string, (subject: S, state: SnapshotFrom<M>) => void | Promise<void>>>;
  /** Checks the program after a step: against an `Oracle`, for example. */
  readonly check?: (subject: S, step: ModelStep<M>) => void | Promise<void>;
  /** After each path, also after one that has failed. */
  readonly end?: (subject: S) => void | Promise<void>;
}

/** Walks the chart itself, on a clock of its own: combine it with `check` and `states`. */
export const chartDriver = <M extends AnyStateMachine>(
  machine: M,
  input?: InputFrom<M>,
): Required<Pick<Driver<M, ChartSubject<M>>, 'subject' | 'perform' | 'wait' | 'end'>> => ({
  subject: () => new ChartSubject(machine, input),
  perform: (chart, { trigger }) => void chart.take(trigger),
  wait: (chart, ms) => chart.wait(ms),
  end: (chart) => chart.stop(),
});

const checkState = async <M extends AnyStateMachine, S>(
  { states = {} }: Driver<M, S>,
  subject: S,
  state: SnapshotFrom<M>,
): Promise<void> => {
  // Every snapshot of a machine is one, which the compiler does not see for a generic machine.
  const active = activeStates(state as AnyMachineSnapshot);
  const names = new Set(active.flatMap(stateNames));
  const checks = Object.entries(states).filter(([key]) => names.has(key));
  const fallback = states['*'];
  if (checks.length === 0) await fallback?.(subject, state);
  for (const [, check] of checks) await check(subject, state);
};

/**
 * Waits until just before the timer fires, sees that it has not, and then lets it fire: one that is too short, or still runs
 * from before, shows here.
 */
const fireTimer = async <M extends AnyStateMachine, S>(
  driver: Driver<M, S>,
  subject: S,
  { state, waitMs }: ModelStep<M>,
): Promise<void> => {
  const { wait } = driver;
  if (wait === undefined) throw new Error('the chart has timers: the driver needs `wait`');
  if (waitMs > 1) {
    await wait(subject, waitMs - 1);
    await checkState(driver, subject, state);
  }
  await wait(subject, Math.min(waitMs, 1));
};

const performStep = async <M extends AnyStateMachine, S>(
  driver: Driver<M, S>,
  subject: S,
  step: ModelStep<M>,
): Promise<void> => {
  const { events = {}, perform, wait } = driver;
  // Every event of a machine is one, which the compiler does not see for a generic machine.
  const { type } = step.trigger as EventObject;
  if (isTimer(type)) return await fireTimer(driver, subject, step);
  // The performer of this type takes events of this type.
  const act = (events as Readonly<Record<string, Perform<M, S>>>)[type] ?? perform;
  if (act === undefined) throw new Error(`the driver has no events['${type}'], and no \`perform\``);
  if (step.waitMs > 0) await wait?.(subject, step.waitMs);
  return await act(subject, step);
};

/** @throws if `states` has a name that no state has; what a check throws, with the steps up to there in front of its message */
export const drivePath = async <M extends AnyStateMachine, S>(
  { steps, quietMs }: Pick<ModelPath<M>, 'steps' | 'quietMs'>,
  driver: Driver<M, S>,
): Promise<void> => {
  const [first] = steps;
  // As in `checkState`: a step of a machine begins in a snapshot of it.
  if (first !== undefined)
    expectStates((first.state as AnyMachineSnapshot).machine, Object.keys(driver.states ?? {}));
  const subject = await driver.subject();
  const done: string[] = [];
  try {
    if (first !== undefined) await checkState(driver, subject, first.state);
    for (const step of steps) {
      done.push(step.event);
      await performStep(driver, subject, step);
      await checkState(driver, subject, step.nextState);
      await driver.check?.(subject, step);
    }
    const last = steps.at(-1);
    if (last === undefined || quietMs === undefined) return;
    done.push(`${quietMs} ms in which nothing may happen`);
    await driver.wait?.(subject, quietMs);
    await checkState(driver, subject, last.nextState);
  } catch (error) {
    // The error itself is kept: a runner shows what it compared.
    if (error instanceof Error)
      error.message = `${describeEvents(done) || 'at the start'} → ${error.message}`;
    throw error;
  } finally {
    await driver.end?.(subject);
  }
};
