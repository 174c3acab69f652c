/** For tests of the charts' scheduler: actors that record deliveries, and an event loop that the test drives. */
import { afterEach, beforeEach, vi } from 'vitest';
import { type AnyActorRef, createActor, setup } from 'xstate';
import type { ChartTimers } from '../../src/transport/chart-timers.ts';

export const neverFails = (error: unknown): never => {
  throw error;
};

interface NotingActors {
  readonly root: AnyActorRef;
  readonly a: AnyActorRef;
  readonly b: AnyActorRef;
  readonly scheduler: AnyActorRef['system']['scheduler'];
  /** Schedules an event of this type for the actor, from itself. Its id is the type unless another is given. */
  readonly after: (actor: AnyActorRef, type: string, delayMs: number, id?: string) => void;
}

/** Two actors that pass on what they receive, in a system that uses `timers`. */
export const notingActors = (timers: ChartTimers, note: (type: string) => void): NotingActors => {
  const sink = setup({}).createMachine({
    id: 'sink',
    on: { '*': { actions: ({ event }) => note(event.type) } },
  });
  const root = createActor(setup({}).createMachine({ id: 'root' }));
  timers.install(root.system);
  root.start();
  const a = createActor(sink, { id: 'a', parent: root }).start();
  const b = createActor(sink, { id: 'b', parent: root }).start();
  const { scheduler } = root.system;
  const after: NotingActors['after'] = (actor, type, delayMs, id = type) =>
    scheduler.schedule(actor, actor, { type }, delayMs, id);
  return { root, a, b, scheduler, after };
};

/**
 * Fakes Node's timers and immediates for each test of this file.
 * @returns advances the clock by milliseconds; in each one, due events are queued and then delivered
 */
export const useFakeLoop = (): ((ms: number) => void) => {
  let immediates: (() => void)[];
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    immediates = [];
    vi.stubGlobal('setImmediate', (callback: () => void) => void immediates.push(callback));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  return (ms) => {
    for (let passed = 0; passed < ms; passed++) {
      vi.advanceTimersByTime(1);
      for (let next = immediates.shift(); next !== undefined; next = immediates.shift()) next();
    }
  };
};
