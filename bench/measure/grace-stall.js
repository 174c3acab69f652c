/**
 * Prints the longest stall of the event loop, in milliseconds, when a given number of grace periods end at the same moment.
 * Runs the charts alone, on the relay's clock. Real binaries take time to disconnect, so their grace periods end more spread
 * out.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ChartClock } from '../../dist/transport/chart-clock.js';
import { startCharts } from './charts.js';

const count = Number(process.argv[2]);
const GRACE_MS = 2_000;
const MARGIN_MS = 2_000;
const NS_PER_MS = 1e6;

/** The clock stands still while the timers are armed, so that all of them expire at once. */
let setAtMs = performance.now();
let isSetting = true;
const clock = new ChartClock(() => (isSetting ? setAtMs : performance.now()));
const directory = startCharts({ graceMs: GRACE_MS, clock });
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
