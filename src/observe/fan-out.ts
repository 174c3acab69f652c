/** Several watchers as one. None of them can throw into the relay, or keep the others from what they are told. */
import type { Watcher } from '../transport/observation.ts';
import type { LogSink } from './log.ts';

type Failed = (error: unknown) => void;

const attempt = (act: () => void, failed: Failed): void => {
  try {
    act();
  } catch (error) {
    try {
      failed(error);
    } catch {
      // What counts the faults is a watcher too, and may be the one that is broken.
    }
  }
};

/** @param failed told of each exception */
export const fanOut = (watchers: readonly Watcher[], failed: Failed): Watcher => {
  const each = (act: (watcher: Watcher) => void): void => {
    for (const watcher of watchers) attempt(() => act(watcher), failed);
  };
  return {
    observe: (observation) => each((watcher) => watcher.observe(observation)),
    framesForwarded: (direction, count) => each((watcher) => watcher.framesForwarded(direction, count)),
  };
};

/** A sink that drops the line, and says so, when the one behind it throws. */
export const safeSink = (sink: LogSink, failed: Failed): LogSink => ({
  info: (fields, event) => attempt(() => sink.info(fields, event), failed),
  warn: (fields, event) => attempt(() => sink.warn(fields, event), failed),
  error: (fields, event) => attempt(() => sink.error(fields, event), failed),
});
