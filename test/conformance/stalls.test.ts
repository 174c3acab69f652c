/** What this machine spoils is no failure of the target. */
import { expect, test } from 'vitest';
import { Stalls } from '../../src/conformance/stalls.ts';
import { Overrun } from '../../src/conformance/target.ts';
import { TimerWindow } from '../../src/conformance/timer-window.ts';

const TIMERS = { graceMs: 600_000, probeTimeoutMs: 600_000 };
const STOOD_STILL_MS = 1_500;

const standStill = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

test('a process that stood still knows for how long, and since when', () => {
  const stalls = new Stalls();
  const startedAtMs = performance.now();
  standStill(200);
  expect(stalls.longestSince(startedAtMs)).toBeGreaterThan(150);
  expect(stalls.longestSince(performance.now())).toBe(0);
  stalls.end();
});

test('a problem counts, unless this process stood still in the same step', () => {
  const stalls = new Stalls();
  const window = new TimerWindow(TIMERS, stalls);
  window.moveTo({ slot: 'live', phones: 0, line: 0 });
  expect(window.unlessLate('expected 4404, got open')).toBe('expected 4404, got open');
  standStill(STOOD_STILL_MS);
  expect(() => window.unlessLate('expected 4404, got open')).toThrow(Overrun);
  expect(window.unlessLate(undefined)).toBeUndefined();
  window.moveTo({ slot: 'live', phones: 0, line: 0 });
  expect(window.unlessLate('expected 4404, got open')).toBe('expected 4404, got open');
  stalls.end();
});
