/**
 * Prints the longest stall of the event loop, in milliseconds, when a given number of grace periods end at the same moment.
 * Runs the charts alone, on the relay's timers. Real binaries take time to disconnect, so their grace periods end more spread
 * out.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startCharts } from './charts.js';

const count = Number(process.argv[2]);
const GRACE_MS = 2_000;
const MARGIN_MS = 2_000;
const NS_PER_MS = 1e6;

const directory = startCharts({ graceMs: GRACE_MS });
/** @type {any[]} */
const servers = [];
directory.on('server.created', (/** @type {any} */ { ref }) => servers.push(ref));
for (let i = 0; i < count; i++) {
  directory.send({ type: 'connection.dialled', connId: `c-${i}`, role: 'binary', serverId: `s-${i}` });
}
for (const [i, server] of servers.entries()) server.send({ type: 'binary.left', connId: `c-${i}` });
// The loop is kept busy until the last of them is due, so that all of them are due at once.
const lastDueAtMs = performance.now() + GRACE_MS;
while (performance.now() <= lastDueAtMs);

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
setTimeout(() => {
  if (directory.getSnapshot().context.servers.size > 0) throw new Error('some grace periods have not ended');
  process.stdout.write(`${delay.max / NS_PER_MS}\n`, () => process.exit(0));
}, MARGIN_MS);
