/**
 * Samples every connection once a second for stalls: a message that has begun and does not complete, or a backlog of which
 * the peer takes nothing. It reports a stall to the connection's chart, which decides. Sampling costs nothing per frame. A sweep goes over
 * a few hundred connections in each turn of the event loop: 4,000 at once made all others wait for 30 ms. If their stalls take long to
 * report, it rests. A stall is reported at most two sweeps after the timeout, plus the rests and the time that the socket has waited for
 * turns.
 */
import {
  STALL_REST_MS,
  STALL_SLICE_MS,
  STALL_SWEEP_INTERVAL_MS,
  STALL_SWEEP_SLICE,
} from '../protocol/limits.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import { contain, type DataPlane } from './data-plane.ts';
import { hasPartialData, hasPartialMessage } from './ws-receiver.ts';

export interface StallTimeouts {
  readonly messageTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly heartbeatTimeoutMs: number;
}

/** Since when the reading has not changed; undefined if it changes or nothing is in progress. */
interface Stillness {
  reading: number;
  sinceMs: number | undefined;
}

interface Watch {
  readonly message: Stillness;
  readonly silence: Stillness;
  readonly write: Stillness;
}

/** For how long `reading` has been the same at each sweep with `isBusy` set. */
const stillForMs = (still: Stillness, isBusy: boolean, reading: number, nowMs: number): number => {
  if (!isBusy || still.sinceMs === undefined || still.reading !== reading) {
    still.reading = reading;
    still.sinceMs = isBusy ? nowMs : undefined;
    return 0;
  }
  return nowMs - still.sinceMs;
};

/** @returns whether its chart was told of a stall */
const sample = (
  adapter: ConnectionAdapter,
  watch: Watch,
  timeouts: StallTimeouts,
  nowMs: number,
): boolean => {
  const { ws, outbox, chart, messagesRead, takenCount } = adapter;
  const { controlFramesRead, bytesRead } = adapter.liveness;
  // A paused socket cannot complete a message. That is not its peer's fault.
  const isReading = !adapter.isPaused && hasPartialMessage(ws);
  // Control frames inside a message do not count as progress.
  const read = isReading && hasPartialData(ws) ? messagesRead : messagesRead + controlFramesRead;
  // Nothing is read while the socket waits for a turn or for its byte rate, so that time does not count.
  const readableMs = nowMs - adapter.reader.waitedMs(nowMs) - adapter.reader.throttledMs(nowMs);
  const messageMs = stillForMs(watch.message, isReading, read, readableMs);
  const isMessageStalled = messageMs >= timeouts.messageTimeoutMs;
  if (isMessageStalled) chart.send({ type: 'message.stalled' });
  const writeMs = stillForMs(watch.write, outbox.isWriting, takenCount, nowMs);
  // On a slow link, the pongs of a peer that sends may wait behind its own data: it has until the heartbeat timeout.
  const silentMs = stillForMs(watch.silence, outbox.isWriting, takenCount + bytesRead, nowMs);
  const { writeTimeoutMs, heartbeatTimeoutMs } = timeouts;
  const isWriteStalled = silentMs >= writeTimeoutMs || writeMs >= writeTimeoutMs + heartbeatTimeoutMs;
  if (isWriteStalled) chart.send({ type: 'write.stalled' });
  return isMessageStalled || isWriteStalled;
};

/** @returns a function that ends the sweeps */
export const startStallSweep = (plane: DataPlane, timeouts: StallTimeouts): (() => void) => {
  const watches = new WeakMap<ConnectionAdapter, Watch>();
  const watchOf = (adapter: ConnectionAdapter): Watch => {
    const known = watches.get(adapter);
    if (known !== undefined) return known;
    const watch: Watch = {
      message: { reading: 0, sinceMs: undefined },
      silence: { reading: 0, sinceMs: undefined },
      write: { reading: 0, sinceMs: undefined },
    };
    watches.set(adapter, watch);
    return watch;
  };
  let isUnderWay = false;
  let hasEnded = false;
  const sweepSlice = (left: Iterator<ConnectionAdapter>): void => {
    const nowMs = performance.now();
    for (let swept = 0; swept < STALL_SWEEP_SLICE; swept++) {
      const { value: adapter, done } = left.next();
      // A chart that is told of a stall can end the relay.
      if (done === true || hasEnded) {
        isUnderWay = false;
        return;
      }
      let hasStalled = false;
      contain(plane.observer, () => {
        hasStalled = sample(adapter, watchOf(adapter), timeouts, nowMs);
      });
      if (hasStalled && performance.now() - nowMs >= STALL_SLICE_MS) {
        // Sockets are read first, as above.
        setTimeout(() => setImmediate(sweepSlice, left), STALL_REST_MS);
        return;
      }
    }
    setImmediate(sweepSlice, left);
  };
  const timer = setInterval(() => {
    // Many thousands can take longer than the interval on a busy machine: then the sweep under way goes on.
    if (isUnderWay) return;
    isUnderWay = true;
    // Runs after the poll phase, so that bytes in the kernel after a stall of the event loop count as progress.
    setImmediate(sweepSlice, plane.adapters.values());
  }, STALL_SWEEP_INTERVAL_MS);
  return () => {
    hasEnded = true;
    clearInterval(timer);
  };
};
