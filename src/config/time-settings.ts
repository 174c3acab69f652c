/** Settings of how long something may take. */
import { duration } from './setting-kinds.ts';

export const timeSettings = {
  graceMs: duration({ flag: 'grace', summary: 'how long a server-id waits for a lost binary' }, 30_000),
  heartbeatIntervalMs: duration(
    { flag: 'heartbeat-interval', summary: 'time between the answer to a ping and the next ping' },
    30_000,
  ),
  heartbeatTimeoutMs: duration(
    { flag: 'heartbeat-timeout', summary: 'how long a pinged peer may be silent, else close 1011' },
    30_000,
  ),
  probeTimeoutMs: duration(
    { flag: 'probe-timeout', summary: 'how long a holder may take to answer a probe' },
    10_000,
  ),
  writeTimeoutMs: duration(
    { flag: 'write-timeout', summary: 'how long a peer may take nothing, else close 1011' },
    10_000,
  ),
  messageTimeoutMs: duration(
    { flag: 'message-timeout', summary: 'how long a message may take to arrive, else cut' },
    30_000,
  ),
  drainDelayMs: duration(
    { flag: 'drain-delay', summary: 'how long shutdown still serves, with /readyz red' },
    0,
    0,
  ),
  drainSpreadMs: duration(
    { flag: 'drain-spread', summary: 'time over which shutdown closes server-ids, one after the other' },
    0,
    0,
  ),
  drainDeadlineMs: duration({ flag: 'drain-deadline', summary: 'how long shutdown may take in all' }, 10_000),
} as const;
