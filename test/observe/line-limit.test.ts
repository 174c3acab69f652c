import { expect, test } from 'vitest';
import { LineLimit } from '../../src/observe/line-limit.ts';

const limit = (maxKinds: number) => {
  const clock = { nowMs: 0 };
  return { clock, lines: new LineLimit({ maxKinds, periodMs: 100, nowMs: () => clock.nowMs }) };
};

test('the first of each kind is written, then one in a period', () => {
  const { clock, lines } = limit(10);
  expect(lines.allows('a')).toBe('yes');
  clock.nowMs = 99;
  expect(lines.allows('a')).toBe('repeated');
  expect(lines.allows('b')).toBe('yes');
  clock.nowMs = 100;
  expect(lines.allows('a')).toBe('yes');
  expect(lines.allows('b')).toBe('repeated');
  clock.nowMs = 199;
  expect(lines.allows('a')).toBe('repeated');
  expect(lines.allows('b')).toBe('yes');
});

test('a full table evicts nobody: a new kind waits until one expires', () => {
  const { clock, lines } = limit(2);
  expect(lines.allows('a')).toBe('yes');
  clock.nowMs = 50;
  expect(lines.allows('b')).toBe('yes');
  for (let i = 0; i < 1_000; i++) expect(lines.allows(`c${i}`)).toBe('full');
  expect(lines.allows('a')).toBe('repeated');
  clock.nowMs = 100;
  expect(lines.allows('c')).toBe('yes');
  expect(lines.allows('a')).toBe('full');
});
