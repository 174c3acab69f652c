/**
 * Series about the process, under the names that every Prometheus client gives them. prom-client's own collector is not used: it
 * lists all files and all handles at each scrape, and wakes the process a hundred times a second.
 */
import { getHeapStatistics } from 'node:v8';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { PREFIX } from './own-series.ts';
import type { Descriptors } from './readiness.ts';

const US_PER_S = 1_000_000;
const MS_PER_S = 1_000;
/** Often enough for every stall that peers notice, and no load of its own. */
const LOOP_SAMPLE_MS = 100;
const DELAYS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface ProcessReadings {
  readonly residentBytes: () => number;
  readonly descriptors: () => Descriptors;
}

export const addProcess = (registry: Registry, { residentBytes, descriptors }: ProcessReadings): void => {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) });
  };
  const cpu: Counter = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the process, user and system.',
    registers,
    collect: () => {
      const { user, system } = process.cpuUsage();
      cpu.reset();
      cpu.inc((user + system) / US_PER_S);
    },
  });
  const startedAtS = Date.now() / MS_PER_S - process.uptime();
  gauge('process_start_time_seconds', 'When the process was started, in Unix time.', () => startedAtS);
  gauge('process_resident_memory_bytes', 'Resident memory of the process.', residentBytes);
  gauge(
    'process_open_fds',
    'File descriptors in use; 0 if the system does not say.',
    () => descriptors().open ?? 0,
  );
  gauge(
    'process_max_fds',
    'The most of these; 0 if the system does not say.',
    () => descriptors().limit ?? 0,
  );
  const heap = getHeapStatistics;
  gauge('nodejs_heap_size_used_bytes', 'Heap of V8 in use.', () => heap().used_heap_size);
  gauge('nodejs_heap_size_total_bytes', 'Heap of V8 as allocated.', () => heap().total_heap_size);
  gauge('nodejs_external_memory_bytes', 'Buffers outside the heap of V8.', () => heap().external_memory);
};

/** @returns ends the measuring */
export const measureLoopDelay = (registry: Registry): (() => void) => {
  const delays = new Histogram({
    name: `${PREFIX}event_loop_delay_seconds`,
    help: 'How late a timer ran, ten times a second.',
    buckets: DELAYS,
    registers: [registry],
  });
  let dueAtMs = performance.now() + LOOP_SAMPLE_MS;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    delays.observe(Math.max(0, nowMs - dueAtMs) / MS_PER_S);
    dueAtMs = nowMs + LOOP_SAMPLE_MS;
  }, LOOP_SAMPLE_MS).unref();
  return () => clearInterval(timer);
};
