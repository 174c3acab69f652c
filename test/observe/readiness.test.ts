/** Each reason alone, and all together. */
import { expect, test } from 'vitest';
import { type Phase, Readiness } from '../../src/observe/readiness.ts';

const state = { nowMs: 1_000_000, phase: 'serving' as Phase, isAbove: false, open: 800, limit: 1_000 };
const readinessOf = (changes: Partial<typeof state> = {}): { at: typeof state; readiness: Readiness } => {
  const at = { ...state, ...changes };
  const readings = {
    phase: () => at.phase,
    isAboveWatermark: () => at.isAbove,
    descriptors: () => ({ open: at.open, limit: at.limit }),
  };
  return { at, readiness: new Readiness(readings, () => at.nowMs) };
};

const shed = (readiness: Readiness): void =>
  readiness.observe({
    type: 'connection.shed',
    serverId: 's',
    connId: 'c',
    remote: '192.0.2.1',
    source: 'socket',
    role: 'phone',
    limit: 'total_backlog',
    heldBytes: 1,
    wasClosing: false,
  });

test.each<[Partial<typeof state>, string[]]>([
  [{}, []],
  [{ phase: 'starting' }, ['starting']],
  [{ phase: 'draining' }, ['draining']],
  [{ isAbove: true }, ['memory_watermark']],
  [{ open: 801 }, ['descriptors']],
  [{ phase: 'draining', isAbove: true, open: 1_000 }, ['draining', 'memory_watermark', 'descriptors']],
])('%j: %j', (changes, reasons) => {
  expect(readinessOf(changes).readiness.reasons()).toEqual(reasons);
});

test('shedding lasts 15 s from the last connection', () => {
  const { at, readiness } = readinessOf();
  shed(readiness);
  at.nowMs += 14_999;
  expect(readiness.reasons()).toEqual(['shedding']);
  shed(readiness);
  at.nowMs += 14_999;
  expect(readiness.reasons()).toEqual(['shedding']);
  at.nowMs += 1;
  expect(readiness.reasons()).toEqual([]);
});

test('a system that does not tell its descriptors is ready', () => {
  const descriptors = (): { open: undefined; limit: undefined } => ({ open: undefined, limit: undefined });
  const readings = { phase: (): Phase => 'serving', isAboveWatermark: () => false, descriptors };
  expect(new Readiness(readings, () => 0).reasons()).toEqual([]);
});
