/**
 * Prints the cost of a claim in microseconds while a given number of server actors are alive. Runs the charts alone, without
 * sockets, on the relay's timers. A claim here comprises the dial with its connection actor, a new server actor, and the
 * admission, which arms the heartbeat. Each batch ends before the next starts, so the number of live actors stays the same.
 */
import { startCharts } from './charts.js';
import { median } from './statistics.js';

const alive = Number(process.argv[2]);
const WARM_UP = 100;
const BATCHES = 40;
const BATCH = 100;

const directory = startCharts();
let claims = 0;
const claim = () => {
  const id = ++claims;
  directory.send({ type: 'connection.dialled', connId: `c-${id}`, role: 'binary', serverId: `s-${id}` });
};
/** @param {number} id */
const leave = (id) => {
  const { servers, connections } = directory.getSnapshot().context;
  connections.get(`c-${id}`).send({ type: 'socket.ended', closeCode: 1000 });
  servers.get(`s-${id}`).send({ type: 'drain' });
};
const claimBatch = () => {
  const [firstId, startMs] = [claims + 1, performance.now()];
  for (let i = 0; i < BATCH; i++) claim();
  const us = ((performance.now() - startMs) * 1_000) / BATCH;
  for (let id = firstId; id <= claims; id++) leave(id);
  return us;
};

// Warm up the JIT with actors that end again.
for (let i = 0; i < WARM_UP; i++) claimBatch();
for (let i = 0; i < alive; i++) claim();
globalThis.gc?.();
const costs = Array.from({ length: BATCHES }, claimBatch);
if (directory.getSnapshot().context.servers.size !== alive)
  throw new Error('not as many are alive as was said');
console.log(median(costs));
process.exit(0);
