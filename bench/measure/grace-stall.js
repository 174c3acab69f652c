/**
 * Prints the longest stall of the event loop, in milliseconds, when so many grace periods end within one and the same
 * moment: the charts alone, on the clock the relay gives them. Real binaries take longer to go than this, so theirs end spread.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createActor } from 'xstate';
import { relayMachine } from '../../dist/machines/relay-machine.js';
import { keepTimers } from '../../dist/machines/timer-table.js';
import { ChartClock } from '../../dist/transport/chart-clock.js';

const count = Number(process.argv[2]);
const GRACE_MS = 2_000;
const MARGIN_MS = 2_000;
const A_DAY_MS = 24 * 60 * 60 * 1_000;
const NS_PER_MS = 1e6;

/** Stands still while the timers are set, so that all of them end at once. */
let setAtMs = performance.now();
let isSetting = true;
const clock = new ChartClock(() => (isSetting ? setAtMs : performance.now()));
const root = createActor(relayMachine, {
  clock,
  input: {
    drainDeadlineMs: 1_000,
    directory: {
      maxPhones: 16,
      serverTiming: { graceMs: GRACE_MS, probeTimeoutMs: A_DAY_MS },
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
/** @type {any} a system's actors are not typed by their names */
const directory = root.system.get('directory');
/** @type {any[]} */
const servers = [];
directory.on('server.created', (/** @type {any} */ { ref }) => servers.push(ref));
for (let i = 0; i < count; i++) {
  directory.send({ type: 'connection.dialled', connId: `c-${i}`, role: 'binary', serverId: `s-${i}` });
}
setAtMs = performance.now();
for (const [i, server] of servers.entries()) server.send({ type: 'binary.left', connId: `c-${i}` });
isSetting = false;

const delay = monitorEventLoopDelay({ resolution: 1 });
setTimeout(() => {
  delay.enable();
  setTimeout(() => {
    if (directory.getSnapshot().context.servers.size > 0)
      throw new Error('some grace periods have not ended');
    process.stdout.write(`${delay.max / NS_PER_MS}\n`, () => process.exit(0));
  }, GRACE_MS + MARGIN_MS);
}, 10);
