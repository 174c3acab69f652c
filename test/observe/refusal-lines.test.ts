import { expect, test } from 'vitest';
import { MAX_REMEMBERED_REFUSALS, REFUSAL_LINE_PERIOD_MS } from '../../src/observe/log-limits.ts';
import { RefusalLines } from '../../src/observe/refusal-lines.ts';
import type { Observation } from '../../src/transport/observation.ts';

const refusal = (remote: string): Observation => ({
  type: 'upgrade.refused',
  source: 'socket',
  role: 'phone',
  remote,
  fault: { header: 'User-Agent', problem: 'missing' },
});

test('each address has its line, until too many are remembered; that is counted, and ends with the period', () => {
  const clock = { nowMs: 0 };
  const lines = new RefusalLines(() => clock.nowMs);
  for (let i = 0; i < MAX_REMEMBERED_REFUSALS; i++) {
    expect(lines.mayLog(refusal(`${i}`))).toBe(true);
    expect(lines.mayLog(refusal(`${i}`))).toBe(false);
  }
  expect(lines.mayLog(refusal('the first beyond'))).toBe(true);
  expect(lines.withheldLines).toBe(0);
  expect(lines.mayLog(refusal('one more'))).toBe(false);
  expect(lines.withheldLines).toBe(1);
  clock.nowMs = REFUSAL_LINE_PERIOD_MS;
  expect(lines.mayLog(refusal('one more'))).toBe(true);
  expect(lines.withheldLines).toBe(1);
});

test('a flood from many addresses does not hide that another limit is reached: of each cause, one more line is written', () => {
  const clock = { nowMs: 0 };
  const lines = new RefusalLines(() => clock.nowMs);
  for (let i = 0; i <= 2 * MAX_REMEMBERED_REFUSALS; i++) lines.mayLog(refusal(`${i}`));
  const limits = ['rate', 'max_connections', 'memory', 'token'] as const;
  const reached = (): boolean[] =>
    limits.map((limit) =>
      lines.mayLog({ type: 'admission.refused', limit, remote: 'x', source: 'socket', path: '/v1/server' }),
    );
  expect(reached()).toEqual([true, true, true, true]);
  expect(reached()).toEqual([false, false, false, false]);
  clock.nowMs = REFUSAL_LINE_PERIOD_MS;
  expect(reached()).toEqual([true, true, true, true]);
});

test('the addresses of one IPv6 subscriber share a line', () => {
  const lines = new RefusalLines(() => 0);
  expect(lines.mayLog(refusal('2001:db8::1'))).toBe(true);
  expect(lines.mayLog(refusal('2001:db8::2'))).toBe(false);
  expect(lines.mayLog(refusal('2001:db8:0:1::2'))).toBe(true);
});

test.each<[string, (remote: string) => Observation]>([
  ['TLS handshakes', (remote) => ({ type: 'tls.failed', fault: 'other', remote, source: 'socket' })],
  [
    'PROXY headers',
    (remote) => ({ type: 'proxy_header.refused', fault: 'missing', remote, source: 'socket' }),
  ],
])('so do their failed %s', (_, failed) => {
  const lines = new RefusalLines(() => 0);
  expect(lines.mayLog(failed('2001:db8::1'))).toBe(true);
  expect(lines.mayLog(failed('2001:db8::2'))).toBe(false);
});

test('other kinds from the same address have lines of their own, and what is no refusal is not limited', () => {
  const lines = new RefusalLines(() => 0);
  expect(lines.mayLog(refusal('a'))).toBe(true);
  const empty: Observation = {
    type: 'upgrade.refused',
    source: 'socket',
    role: 'phone',
    remote: 'a',
    fault: { header: 'User-Agent', problem: 'empty' },
  };
  expect(lines.mayLog(empty)).toBe(true);
  for (let i = 0; i < 3; i++) expect(lines.mayLog({ type: 'grace.started', serverId: 's' })).toBe(true);
});
