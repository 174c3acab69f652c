/** The charts' scheduler is a list of delayed events: each is delivered once or cancelled. */
import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { TIMER_SLICE_MS } from '../../src/protocol/limits.ts';
import { ChartTimers } from '../../src/transport/chart-timers.ts';
import { neverFails, notingActors, useFakeLoop } from '../support/noting-actors.ts';

const advance = useFakeLoop();

const start = (failed: (error: unknown) => void = neverFails) => {
  const noted: string[] = [];
  const timers = new ChartTimers(failed, () => 0);
  return { noted, timers, ...notingActors(timers, (type) => noted.push(type)) };
};

test('an event is delivered once, when its delay is over and not before', () => {
  const { a, noted, timers, after } = start();
  after(a, 'x', 100);
  advance(99);
  expect([timers.armed, noted]).toStrictEqual([1, []]);
  advance(1);
  expect([timers.armed, noted]).toStrictEqual([0, ['x']]);
  advance(10_000);
  expect(noted).toStrictEqual(['x']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a cancelled event is never delivered, whether it was set first, last or in between', () => {
  const { a, noted, timers, scheduler, after } = start();
  for (const type of ['v', 'w', 'x', 'y', 'z']) after(a, type, 100);
  for (const id of ['v', 'x', 'z', 'z', 'unknown']) scheduler.cancel(a, id);
  expect(timers.armed).toBe(2);
  advance(100);
  scheduler.cancel(a, 'w');
  expect([timers.armed, noted]).toStrictEqual([0, ['w', 'y']]);
});

test('cancelAll cancels all events of one actor, and none of another', () => {
  const { a, b, noted, timers, scheduler, after } = start();
  for (const type of ['x', 'y', 'z']) after(a, type, 100);
  after(b, 'x of b', 100, 'x');
  scheduler.cancelAll(a);
  expect(timers.armed).toBe(1);
  advance(100);
  expect([timers.armed, noted]).toStrictEqual([0, ['x of b']]);
  scheduler.cancelAll(a);
  expect(vi.getTimerCount()).toBe(0);
});

test('a second event with the same id replaces the first, whichever is due sooner', () => {
  const { a, noted, timers, after } = start();
  after(a, 'early', 50, 'x');
  after(a, 'late', 100, 'x');
  after(a, 'never', 200, 'y');
  after(a, 'sooner', 70, 'y');
  expect(timers.armed).toBe(2);
  advance(1_000);
  expect([timers.armed, noted]).toStrictEqual([0, ['sooner', 'late']]);
});

test('an event cancelled by an earlier delivery of the same slice is not delivered', () => {
  const noted: string[] = [];
  const timers = new ChartTimers(neverFails, () => 0);
  const { a, b, scheduler, after } = notingActors(timers, (type) => {
    noted.push(type);
    if (type === 'canceller') scheduler.cancel(b, 'x');
    if (type === 'stopper') scheduler.cancelAll(b);
  });
  after(a, 'canceller', 100);
  after(b, 'x', 100);
  after(b, 'y', 100);
  after(a, 'stopper', 100);
  after(b, 'z', 100);
  advance(100);
  expect([timers.armed, noted]).toStrictEqual([0, ['canceller', 'y', 'stopper']]);
});

test('an event set anew by an earlier delivery of the same slice is delivered once, later', () => {
  const noted: string[] = [];
  const timers = new ChartTimers(neverFails, () => 0);
  const { a, b, after } = notingActors(timers, (type) => {
    noted.push(type);
    if (type === 'setter') after(b, 'second x', 50, 'x');
  });
  after(a, 'setter', 100);
  after(b, 'first x', 100, 'x');
  advance(149);
  expect([timers.armed, noted]).toStrictEqual([1, ['setter']]);
  advance(1);
  expect([timers.armed, noted]).toStrictEqual([0, ['setter', 'second x']]);
});

test('a delivery that throws is reported, and the others go on', () => {
  const broken = new Error('broken on purpose');
  const failures: unknown[] = [];
  const { root, a, noted, timers, after } = start((error) => failures.push(error));
  // A chart does not throw to the scheduler, but an inspector of the system can.
  root.system.inspect((event: InspectionEvent) => {
    if (event.type === '@xstate.event' && event.event.type === 'poison') throw broken;
  });
  for (const type of ['before', 'poison', 'after']) after(a, type, 100);
  after(a, 'later', 200);
  advance(100);
  expect([failures, noted, timers.armed]).toStrictEqual([[broken], ['before', 'after'], 1]);
  advance(100);
  expect(noted).toStrictEqual(['before', 'after', 'later']);
});

type Step =
  | {
      readonly do: 'schedule';
      readonly actor: 0 | 1;
      readonly id: string | undefined;
      readonly delayMs: number;
    }
  | { readonly do: 'cancel'; readonly actor: 0 | 1; readonly id: string }
  | { readonly do: 'cancelAll'; readonly actor: 0 | 1 }
  | { readonly do: 'wait'; readonly ms: number };

const [actor, id] = [fc.constantFrom(0 as const, 1 as const), fc.constantFrom('x', 'y', 'z')];
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('schedule'),
    actor,
    id: fc.option(id, { nil: undefined }),
    delayMs: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({ do: fc.constant('cancel'), actor, id }),
  fc.record({ do: fc.constant('cancelAll'), actor }),
  fc.record({ do: fc.constant('wait'), ms: fc.nat(20) }),
);
/** Slices of one event, of several, or of all. */
const costMs = fc.constantFrom(TIMER_SLICE_MS, TIMER_SLICE_MS / 3, 0);

test('any sequence of set, replace, cancel and wait behaves like a plain list', () => {
  fc.assert(
    fc.property(costMs, fc.array(step, { maxLength: 40 }), (cost, steps) => {
      const noted: string[] = [];
      let [spentMs, nowMs] = [0, 0];
      const timers = new ChartTimers(neverFails, () => spentMs);
      const { a, b, scheduler } = notingActors(timers, (type) => {
        noted.push(type);
        spentMs += cost;
      });
      let waiting: { actor: 0 | 1; id: string | undefined; type: string; dueMs: number }[] = [];
      const expected: string[] = [];
      const forget = (who: 0 | 1, name?: string): void => {
        waiting = waiting.filter((timer) => timer.actor !== who || (name !== undefined && timer.id !== name));
      };
      for (const [n, next] of steps.entries()) {
        if (next.do === 'wait') {
          advance(next.ms);
          nowMs += next.ms;
          const due = waiting.filter(({ dueMs }) => dueMs <= nowMs);
          waiting = waiting.filter((timer) => !due.includes(timer));
          expected.push(...due.sort((one, other) => one.dueMs - other.dueMs).map(({ type }) => type));
        } else {
          const ref = next.actor === 0 ? a : b;
          if (next.do === 'schedule') {
            const type = `event ${n}`;
            if (next.id !== undefined) forget(next.actor, next.id);
            waiting.push({ actor: next.actor, id: next.id, type, dueMs: nowMs + next.delayMs });
            scheduler.schedule(ref, ref, { type }, next.delayMs, next.id);
          } else if (next.do === 'cancel') {
            forget(next.actor, next.id);
            scheduler.cancel(ref, next.id);
          } else {
            forget(next.actor);
            scheduler.cancelAll(ref);
          }
        }
        expect(timers.armed).toBe(waiting.length);
        expect(noted).toStrictEqual(expected);
      }
      scheduler.cancelAll(a);
      scheduler.cancelAll(b);
      expect([timers.armed, vi.getTimerCount()]).toStrictEqual([0, 0]);
    }),
  );
});

test('what is running can be asked for: the event, its delay, and what is left of it', () => {
  let nowMs = 1_000.4;
  const timers = new ChartTimers(neverFails, () => nowMs);
  const { a, b, scheduler, after } = notingActors(timers, () => {});
  after(a, 'x', 100);
  nowMs += 30;
  after(a, 'y', 50);
  after(b, 'z', 10);
  nowMs += 60;
  expect(timers.runningOf(a)).toStrictEqual([
    { event: 'y', leftMs: 0, delayMs: 50 },
    { event: 'x', leftMs: 10, delayMs: 100 },
  ]);
  scheduler.cancel(a, 'y');
  expect(timers.runningOf(a).map(({ event }) => event)).toStrictEqual(['x']);
  scheduler.cancelAll(a);
  expect(timers.runningOf(a)).toStrictEqual([]);
});
