/**
 * Signals, caught from the first moment of the program: as process 1 of a container it would lose those that come before a
 * handler is set, and anywhere else it would end without a drain.
 */
import { constants } from 'node:os';

type SignalHandler = (signal: NodeJS.Signals) => void;

const CAUGHT = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

let handler: SignalHandler | undefined;
const early: NodeJS.Signals[] = [];

const take = (signal: NodeJS.Signals): void => {
  if (handler === undefined) early.push(signal);
  else handler(signal);
};

export const catchSignals = (): void => {
  for (const signal of CAUGHT) process.on(signal, take);
};

/** Replaces the handler, and hands it the signals that have come before there was one. */
export const onSignal = (next: SignalHandler): void => {
  handler = next;
  for (const signal of early.splice(0)) next(signal);
};

/** Ends the process as if nothing caught the signal: a shell that runs the program in a loop sees it and ends the loop. */
export const endBySignal: SignalHandler = (signal) => {
  process.off(signal, take);
  process.kill(process.pid, signal);
  // Still here: process 1, which no signal ends by itself.
  process.exit(128 + constants.signals[signal]);
};
