/** When the daemon asks for a collection: after a load has ended, and not for what is alive. */
import { beforeEach, expect, test } from 'vitest';
import { IdleCollector } from '../src/idle-collector.ts';

const MIB = 1_024 * 1_024;
const QUIET = 0.1;
const BUSY = 0.9;

let collections: number;
let collector: IdleCollector;
beforeEach(() => {
  collections = 0;
  collector = new IdleCollector(() => collections++);
  collector.sample({ residentBytes: 100 * MIB, queuedBytes: 0, utilization: QUIET });
});

const pass = (seconds: number, mib: number, utilization: number, queuedMib = 0): void => {
  for (let i = 0; i < seconds; i++)
    collector.sample({ residentBytes: mib * MIB, queuedBytes: queuedMib * MIB, utilization });
};

test('not while the relay is busy, nor for a little growth', () => {
  pass(100, 300, BUSY);
  pass(100, 112, QUIET);
  expect(collections).toBe(0);
});

test('not beside a load that leaves the relay most of its time: each collection would be a pause for those who are served', () => {
  pass(100, 300, 0.3);
  expect(collections).toBe(0);
});

test('not while much is queued for peers that do not read: it would pause others, and give back little', () => {
  pass(100, 300, QUIET, 100);
  expect(collections).toBe(0);
  pass(5, 300, QUIET, 1);
  expect(collections).toBe(1);
});

test('once it has been quiet for five seconds, and again until the memory is back', () => {
  pass(10, 300, BUSY);
  pass(4, 300, QUIET);
  expect(collections).toBe(0);
  pass(1, 300, QUIET);
  expect(collections).toBe(1);
  pass(5, 200, QUIET);
  expect(collections).toBe(2);
  pass(100, 105, QUIET);
  expect(collections).toBe(2);
  // The next flood is compared with the same rest.
  pass(5, 300, QUIET);
  expect(collections).toBe(3);
});

test('not for what a process that has just started adds to its memory', () => {
  pass(250, 125, QUIET);
  expect(collections).toBe(0);
});

test('what comes again as soon as it is collected is collected every five minutes', () => {
  for (let seconds = 0; seconds < 3_600; seconds += 10) {
    pass(5, 105, QUIET);
    pass(5, 130, QUIET);
  }
  expect(collections).toBeGreaterThan(0);
  expect(collections).toBeLessThanOrEqual(3 * 12);
});

test('anew after a load that begins just when the third collection for the one before has been', () => {
  pass(10, 300, BUSY);
  pass(15, 250, QUIET);
  expect(collections).toBe(3);
  pass(1, 250, 0.3);
  pass(10, 500, BUSY);
  pass(4, 500, QUIET);
  expect(collections).toBe(3);
  pass(1, 500, QUIET);
  expect(collections).toBe(4);
});

test('at most three times for memory that is alive', () => {
  pass(1_000, 300, QUIET);
  expect(collections).toBe(3);
  pass(5, 400, QUIET);
  expect(collections).toBe(4);
});
