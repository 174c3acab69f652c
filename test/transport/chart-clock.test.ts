/** The clock of the charts against real time, which it asks only through `now`: the test says what time it is. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TIMER_SLICE_MS } from '../../src/protocol/limits.ts';
import { ChartClock } from '../../src/transport/chart-clock.ts';

let clock: ChartClock;
let fired: string[];
const fire = (name: string) => () => void fired.push(name);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });
  clock = new ChartClock();
  fired = [];
});
afterEach(() => {
  vi.useRealTimers();
});

describe('timers', () => {
  test('fire once, when their delay has passed and not before', () => {
    clock.setTimeout(fire('a'), 100);
    vi.advanceTimersByTime(99);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual(['a']);
    vi.advanceTimersByTime(1_000);
    expect(fired).toEqual(['a']);
  });

  test('fire in the order in which they end, whatever their delays', () => {
    clock.setTimeout(fire('300'), 300);
    clock.setTimeout(fire('100'), 100);
    vi.advanceTimersByTime(50);
    clock.setTimeout(fire('150'), 100);
    clock.setTimeout(fire('60'), 10);
    vi.advanceTimersByTime(1_000);
    expect(fired).toEqual(['60', '100', '150', '300']);
  });

  test('that are cleared never fire, first, last, in the middle, or by one that fires with them', () => {
    const timers = ['a', 'b', 'c', 'd', 'e'].map((name) => clock.setTimeout(fire(name), 100));
    for (const i of [0, 2, 4]) clock.clearTimeout(timers[i] ?? clock.setTimeout(() => {}, 1));
    const last = clock.setTimeout(fire('never'), 100);
    clock.setTimeout(() => clock.clearTimeout(last), 99);
    vi.advanceTimersByTime(1_000);
    expect(fired).toEqual(['b', 'd']);
  });

  test('cleared twice, or after they have fired, leave the others alone', () => {
    const first = clock.setTimeout(fire('a'), 100);
    clock.setTimeout(fire('b'), 200);
    vi.advanceTimersByTime(150);
    clock.clearTimeout(first);
    clock.clearTimeout(first);
    vi.advanceTimersByTime(100);
    expect(fired).toEqual(['a', 'b']);
  });

  test('can set timers of their own', () => {
    clock.setTimeout(() => clock.setTimeout(fire('second'), 50), 100);
    vi.advanceTimersByTime(149);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual(['second']);
  });

  test('that throw take no other with them', () => {
    clock.setTimeout(() => {
      throw new Error('a fault');
    }, 100);
    clock.setTimeout(fire('b'), 100);
    expect(() => vi.advanceTimersByTime(100)).toThrow('a fault');
    vi.advanceTimersByTime(1);
    expect(fired).toEqual(['b']);
  });

  test('leave nothing behind that would keep the process alive', () => {
    clock.clearTimeout(clock.setTimeout(fire('a'), 100));
    clock.setTimeout(fire('b'), 10);
    vi.advanceTimersByTime(10);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('timers that end together are worked off in slices, and others have their turn in between', () => {
  const TIMERS = 20;
  let spentMs = 0;
  const slow = new ChartClock(() => performance.now() + spentMs);
  for (let i = 0; i < TIMERS; i++) {
    slow.setTimeout(() => {
      fired.push('timer');
      spentMs += TIMER_SLICE_MS / 3;
    }, 50);
  }
  setTimeout(() => setImmediate(fire('other')), 50);
  vi.advanceTimersByTime(60);
  expect(fired.filter((name) => name === 'timer')).toHaveLength(TIMERS);
  expect(fired.indexOf('other')).toBeGreaterThan(0);
  // Three to a slice, and one slice more was due when the other came.
  expect(fired.indexOf('other')).toBeLessThanOrEqual(6);
});
