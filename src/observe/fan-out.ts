/** Combines several watchers into one. A watcher that throws affects neither the relay nor the other watchers. */
import type { Watcher } from '../transport/observation.ts';
import type { LogSink } from './log-line.ts';

type Failed = (error: unknown) => void;

/** Runs `act`, which is somebody else's: it may throw, or return a promise that is rejected. */
export const attempt = (act: () => unknown, failed: Failed): void => {
  const report = (error: unknown): void => {
    try {
      failed(error);
    } catch {
      // The watcher that counts faults may itself be the broken one.
    }
  };
  try {
    const result = act();
    if (result instanceof Promise) result.catch(report);
  } catch (error) {
    report(error);
  }
};

/** @param failed called with each exception */
export const fanOut = (watchers: readonly Watcher[], failed: Failed): Required<Watcher> => {
  // Looked up once: it is called for each write, and most watchers have none.
  const counting = watchers.filter(({ framesForwarded }) => framesForwarded !== undefined);
  return {
    observe: (observation) => {
      for (const watcher of watchers) attempt(() => watcher.observe(observation), failed);
    },
    framesForwarded: (direction, count, bytes) => {
      for (const watcher of counting)
        attempt(() => watcher.framesForwarded?.(direction, count, bytes), failed);
    },
  };
};

/** Wraps a sink: if it throws, the line is dropped and reported. */
export const safeSink = (sink: LogSink, failed: Failed): LogSink => ({
  info: (fields, event) => attempt(() => sink.info(fields, event), failed),
  warn: (fields, event) => attempt(() => sink.warn(fields, event), failed),
  error: (fields, event) => attempt(() => sink.error(fields, event), failed),
});
