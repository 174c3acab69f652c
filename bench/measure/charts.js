/** Starts a relay's charts without sockets, with the daemon's clock and runtime settings. */
import { createActor } from 'xstate';
import { relayMachine } from '../../dist/machines/relay-machine.js';
import { keepTimers } from '../../dist/machines/timer-table.js';
import { tuneRuntime } from '../../dist/runtime.js';
import { ChartClock } from '../../dist/transport/chart-clock.js';

/** Longer than any measurement: timers are armed, as in a relay, but none expires. */
const A_DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * @param {{ graceMs?: number, clock?: ChartClock }} [options]
 * @returns {any} the directory; XState does not type actors that are looked up by id
 */
export const startCharts = ({ graceMs = A_DAY_MS, clock = new ChartClock() } = {}) => {
  tuneRuntime();
  const root = createActor(relayMachine, {
    clock,
    input: {
      drainDeadlineMs: A_DAY_MS,
      directory: {
        maxPhones: 16,
        serverTiming: { graceMs, probeTimeoutMs: A_DAY_MS },
        connectionTiming: {
          heartbeatIntervalMs: A_DAY_MS,
          heartbeatTimeoutMs: A_DAY_MS,
          flushTimeoutMs: A_DAY_MS,
          closeWriteTimeoutMs: A_DAY_MS,
          closeAnswerTimeoutMs: A_DAY_MS,
        },
      },
    },
  });
  keepTimers(root.system);
  root.start();
  return root.system.get('directory');
};
