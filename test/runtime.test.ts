import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { heapGrowthFlag } from '../src/runtime.ts';
import { youngGrowthFlag } from '../src/young-generation.ts';
import { RelayProcess } from './support/relay-process.ts';

const MIB = 1_024 * 1_024;
const dir = mkdtempSync(join(tmpdir(), 'runtime-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** Has the process that loads it write its heap, as it is after two collections, when it is told to end. */
const PROBE = join(dir, 'probe.mjs');
writeFileSync(
  PROBE,
  `import { setFlagsFromString } from 'node:v8';
   import { runInNewContext } from 'node:vm';
   setFlagsFromString('--expose-gc');
   const collect = runInNewContext('gc');
   process.once('SIGTERM', () => {
     collect();
     collect();
     process.stderr.write('heap ' + process.memoryUsage().heapUsed + ' bytes\\n');
   });`,
);

test('the daemon that ships keeps the ballast of its heap through collections', async () => {
  const relay = await RelayProcess.start(['--metrics-listen='], { NODE_OPTIONS: `--import ${PROBE}` });
  relay.child.kill('SIGTERM');
  expect(await relay.exited).toBe(0);
  const heapBytes = Number(/heap (\d+) bytes/.exec(relay.output)?.[1]);
  // Without it the heap is 7 to 9 MB, and with it 8 more.
  expect(heapBytes).toBeGreaterThan(14 * MIB);
  expect(heapBytes).toBeLessThan(24 * MIB);
});

/** Told to by SIGUSR2, adds 40 MB of living objects while the relay runs, writes the size of the young generation, and tells the process to end. */
const GROWTH = join(dir, 'growth.mjs');
writeFileSync(
  GROWTH,
  `import { getHeapSpaceStatistics } from 'node:v8';
   const kept = [];
   const grow = () => {
     for (let i = 0; i < 10_000; i++) kept.push({ at: i, list: [i] });
     if (kept.length < 400_000) return void setTimeout(grow, 1);
     const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
     process.stderr.write('young ' + young.space_size + ' bytes\\n');
     process.kill(process.pid, 'SIGTERM');
   };
   process.once('SIGUSR2', grow);`,
);

// Node 26 ignores the factor of its growth (ADR 9).
const nodeMajor = Number.parseInt(process.versions.node, 10);

test.runIf(nodeMajor < 26)(
  'the young generation of the daemon that ships does not grow with what lives',
  async () => {
    const relay = await RelayProcess.start(['--metrics-listen='], { NODE_OPTIONS: `--import ${GROWTH}` });
    // Once it is up. Before that, nobody holds it.
    relay.child.kill('SIGUSR2');
    expect(await relay.exited).toBe(0);
    // 8 if it is held, and 32 or 64 if not.
    expect(Number(/young (\d+) bytes/.exec(relay.output)?.[1])).toBeLessThan(12 * MIB);
  },
);

/** Told to by SIGUSR2, allocates until V8 has marked the heap, and tells the process to end. */
const MARKING = join(dir, 'marking.mjs');
writeFileSync(
  MARKING,
  `import { setFlagsFromString } from 'node:v8';
   import { PerformanceObserver, constants } from 'node:perf_hooks';
   let kept = [];
   const grow = () => {
     for (let i = 0; i < 10_000; i++) kept.push({ at: i, list: [i] });
     if (kept.length > 400_000) kept = [];
     setTimeout(grow, 1);
   };
   process.once('SIGUSR2', () => {
     setFlagsFromString('--trace-incremental-marking');
     new PerformanceObserver((seen) => {
       const hasMarked = seen.getEntries().some(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR);
       if (hasMarked) process.kill(process.pid, 'SIGTERM');
     }).observe({ entryTypes: ['gc'] });
     grow();
   });`,
);

// Later versions read that flag only when the process starts (ADR 7).
test.runIf(nodeMajor < 22)(
  'the heap of the daemon that ships is marked as it allocates, and not in tasks one after the other',
  async () => {
    const relay = await RelayProcess.start(['--metrics-listen='], { NODE_OPTIONS: `--import ${MARKING}` });
    relay.child.kill('SIGUSR2');
    expect(await relay.exited).toBe(0);
    expect(relay.output).toMatch(/IncrementalMarking\] Start/);
    expect(relay.output).toMatch(/IncrementalMarking\] Step/);
    expect(relay.output).not.toMatch(/Step .*task/);
  },
);

test('a small young generation may grow to twice its size, and one of 8 MiB not', () => {
  expect(youngGrowthFlag(4 * MIB)).toBe('--semi-space-growth-factor=2');
  expect(youngGrowthFlag(8 * MIB)).toBe('--semi-space-growth-factor=1');
});

test('a large heap may grow by 40 %, and a small one to four times its size', () => {
  expect(heapGrowthFlag(95 * MIB)).toBe('--heap-growing-percent=300');
  expect(heapGrowthFlag(97 * MIB)).toBe('--heap-growing-percent=99');
  expect(heapGrowthFlag(192 * MIB)).toBe('--heap-growing-percent=50');
  expect(heapGrowthFlag(500 * MIB)).toBe('--heap-growing-percent=40');
});
