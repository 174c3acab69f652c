/** The root of the actor system, with its settings and its timers. It has not started yet. */
import { createActor } from 'xstate';
import type { Config } from './config/settings.ts';
import { relayMachine } from './machines/relay-machine.ts';
import type { serverMachine } from './machines/server-machine.ts';
import { CLOSE_ANSWER_TIMEOUT_MS, CLOSE_WRITE_TIMEOUT_MS, FLUSH_TIMEOUT_MS } from './protocol/limits.ts';
import type { ChartTimers } from './transport/chart-timers.ts';

/** @param serverLogic one that is recorded, instead of the plain one */
export const createRoot = (
  config: Config,
  isPushOn: boolean,
  timers: ChartTimers,
  serverLogic?: typeof serverMachine,
) => {
  const root = createActor(relayMachine, {
    input: {
      isPushOn,
      drain: {
        delayMs: config.drainDelayMs,
        spreadMs: config.drainSpreadMs,
        deadlineMs: config.drainDeadlineMs,
      },
      directory: {
        maxPhones: config.maxPhones,
        serverTiming: { graceMs: config.graceMs, probeTimeoutMs: config.probeTimeoutMs },
        connectionTiming: {
          heartbeatIntervalMs: config.heartbeatIntervalMs,
          heartbeatTimeoutMs: config.heartbeatTimeoutMs,
          flushTimeoutMs: FLUSH_TIMEOUT_MS,
          closeWriteTimeoutMs: CLOSE_WRITE_TIMEOUT_MS,
          closeAnswerTimeoutMs: CLOSE_ANSWER_TIMEOUT_MS,
        },
        spread: Math.random,
        ...(serverLogic !== undefined && { serverLogic }),
      },
    },
  });
  timers.install(root.system);
  return root;
};
