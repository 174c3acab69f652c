/**
 * Once a second, samples every connection for bytes that stand still: a message that has begun and does not complete, a
 * write that does not end. It reports them to the connection's chart, which decides. Sampling costs nothing per frame. A
 * stall is reported at most two sweeps after the timeout, and later by the time the socket has waited for its turns.
 */
import { STALL_SWEEP_INTERVAL_MS } from '../protocol/limits.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import { contain, type DataPlane } from './data-plane.ts';
import { hasPartialData, hasPartialMessage } from './ws-receiver.ts';

export interface StallTimeouts {
  readonly messageTimeoutMs: number;
  readonly writeTimeoutMs: number;
}

/** Since when a reading has not changed; undefined while it does, or nothing is under way. */
interface Stillness {
  reading: number;
  sinceMs: number | undefined;
}

interface Watch {
  readonly message: Stillness;
  readonly write: Stillness;
}

/** For how long `reading` has been the same at each sweep while `isBusy` held. */
const stillForMs = (still: Stillness, isBusy: boolean, reading: number, nowMs: number): number => {
  if (!isBusy || still.sinceMs === undefined || still.reading !== reading) {
    still.reading = reading;
    still.sinceMs = isBusy ? nowMs : undefined;
    return 0;
  }
  return nowMs - still.sinceMs;
};

const sample = (adapter: ConnectionAdapter, watch: Watch, timeouts: StallTimeouts, nowMs: number): void => {
  const { ws, outbox, chart, messagesRead, controlFramesRead } = adapter;
  // A paused socket completes no message through no fault of its peer.
  const isReading = !adapter.isPaused && hasPartialMessage(ws);
  // Control frames inside a message are no progress of it.
  const read = isReading && hasPartialData(ws) ? messagesRead : messagesRead + controlFramesRead;
  // Nobody has looked at what the peer sent while its socket waited for a turn, so that time does not count.
  const readableMs = nowMs - adapter.reader.waitedMs(nowMs);
  const messageMs = stillForMs(watch.message, isReading, read, readableMs);
  if (messageMs >= timeouts.messageTimeoutMs) chart.send({ type: 'message.stalled' });
  const writeMs = stillForMs(watch.write, outbox.isWriting, outbox.writesDone, nowMs);
  if (writeMs >= timeouts.writeTimeoutMs) chart.send({ type: 'write.stalled' });
};

/** @returns ends the sweeping */
export const startStallSweep = (plane: DataPlane, timeouts: StallTimeouts): (() => void) => {
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
  let pending: NodeJS.Immediate | undefined;
  const sweep = (): void => {
    const nowMs = performance.now();
    for (const adapter of plane.adapters.values()) {
      contain(plane.observer, () => sample(adapter, watchOf(adapter), timeouts, nowMs));
    }
  };
  const timer = setInterval(() => {
    // After the poll phase: bytes that lie in the kernel after a stall of the event loop are progress.
    pending = setImmediate(sweep);
  }, STALL_SWEEP_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    clearImmediate(pending);
  };
};
