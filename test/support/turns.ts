/** Turns of the event loop, and a `Turn` in which nothing may fail. */
import { Turn } from '../../src/transport/turn.ts';

/** The end of this turn of the event loop. */
export const turnEnds = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A turn that fails the test on any fault. */
export const newTurn = (): Turn =>
  new Turn((error) => {
    throw error;
  });
