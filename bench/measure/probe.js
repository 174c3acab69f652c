/**
 * Loaded into a measured process with `--import`. Answers questions over the IPC channel that cannot be answered from
 * outside. It runs a timer every 1 ms, so it is used for stalls and memory only, never where CPU is measured.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 1 });
const NS_PER_MS = 1e6;

process.on('message', (question) => {
  if (question === 'collect') {
    globalThis.gc?.();
    process.send?.(true);
  } else if (question === 'heap used') {
    process.send?.(process.memoryUsage().heapUsed);
  } else if (question === 'watch loop') {
    delay.enable();
    delay.reset();
    process.send?.(true);
  } else if (question === 'longest stall') {
    process.send?.(delay.max / NS_PER_MS);
  }
});
// The IPC channel must not keep the process alive.
process.channel?.unref();
