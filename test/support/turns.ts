/** Turns of the event loop, and a `Turn` in which nothing may fail. */
import { Turn } from '../../src/transport/turn.ts';

/** The end of this turn of the event loop. */
export const turnEnds = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock on which parsing takes no time, so that only counts decide what a turn brings. */
export const NO_TIME_PASSES = (): number => 0;

/** A turn that fails the test on any fault. */
export const newTurn = (nowMs: () => number = NO_TIME_PASSES): Turn =>
  new Turn((error) => {
    throw error;
  }, nowMs);
