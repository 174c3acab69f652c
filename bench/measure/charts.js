/** Starts a relay's charts without sockets, with the daemon's timers and runtime settings. */
import { createActor } from 'xstate';
import { relayMachine } from '../../dist/machines/relay-machine.js';
import { tuneRuntime } from '../../dist/runtime.js';
import { ChartTimers } from '../../dist/transport/chart-timers.js';

/** Longer than any measurement: timers are armed, as in a relay, but none expires. */
const A_DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * @param {{ graceMs?: number }} [options]
 * @returns {any} the directory; XState does not type actors that are looked up by id
 */
export const startCharts = ({ graceMs = A_DAY_MS } = {}) => {
  tuneRuntime();
  const root = createActor(relayMachine, {
    input: {
      drain: { delayMs: 0, spreadMs: 0, deadlineMs: A_DAY_MS },
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
        spread: Math.random,
      },
    },
  });
  new ChartTimers((error) => {
    throw error;
  }).install(root.system);
  root.start();
  return root.system.get('directory');
};
