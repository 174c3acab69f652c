/**
 * Once a second, looks at every connection for bytes that stand still: a message begun and not completed, a write
 * that does not end. It reports them to the connection's chart, which decides. Sampling costs nothing per frame; what
 * it reports has stood still for at least the timeout and at most two sweeps more, and longer by what it waited for its turns.
 */

import { STALL_SWEEP_INTERVAL_MS } from '../protocol/limits.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import { contain, type Exchange } from './exchange.ts';
import { hasPartialData, hasPartialMessage } from './ws-receiver.ts';

export interface StallTimeouts {
  readonly messageTimeoutMs: number;
  readonly writeTimeoutMs: number;
}

/** When something was first seen to stand where it still stands; undefined while it moves. */
interface Stillness {
  reading: number;
  sinceMs: number | undefined;
}

interface Watch {
  readonly message: Stillness;
  readonly write: Stillness;
}

/** For how long `isBusy` has held at each sweep with the same reading. */
const stoodStillMs = (still: Stillness, isBusy: boolean, reading: number, nowMs: number): number => {
  if (!isBusy || still.sinceMs === undefined || still.reading !== reading) {
    still.reading = reading;
    still.sinceMs = isBusy ? nowMs : undefined;
    return 0;
  }
  return nowMs - still.sinceMs;
};

const inspect = (adapter: ConnectionAdapter, watch: Watch, timeouts: StallTimeouts, nowMs: number): void => {
  const { ws, outbox, chart } = adapter;
  // A paused socket completes no message through no fault of its peer.
  const isReading = !adapter.isPaused && hasPartialMessage(ws);
  const { messagesRead, controlFramesRead } = adapter;
  const read = isReading && hasPartialData(ws) ? messagesRead : messagesRead + controlFramesRead;
  // A clock that stands still while the socket waits for its turn: what it has sent meanwhile, nobody has looked at.
  const readableMs = nowMs - adapter.reading.waitedMs(nowMs);
  const messageMs = stoodStillMs(watch.message, isReading, read, readableMs);
  if (messageMs >= timeouts.messageTimeoutMs) chart.send({ type: 'message.stalled' });
  const writeMs = stoodStillMs(watch.write, outbox.isWriting, outbox.writesDone, nowMs);
  if (writeMs >= timeouts.writeTimeoutMs) chart.send({ type: 'write.stalled' });
};

/** @returns ends the sweeping */
export const startStallSweep = (exchange: Exchange, timeouts: StallTimeouts): (() => void) => {
  const watches = new WeakMap<ConnectionAdapter, Watch>();
  const watchOf = (adapter: ConnectionAdapter): Watch => {
    const known = watches.get(adapter);
    if (known !== undefined) return known;
    const watch: Watch = {
      message: { reading: 0, sinceMs: undefined },
      write: { reading: 0, sinceMs: undefined },
    };
    watches.set(adapter, watch);
    return watch;
  };
  const timer = setInterval(() => {
    const nowMs = performance.now();
    for (const adapter of exchange.adapters.values()) {
      contain(exchange.observer, () => inspect(adapter, watchOf(adapter), timeouts, nowMs));
    }
  }, STALL_SWEEP_INTERVAL_MS);
  return () => clearInterval(timer);
};
