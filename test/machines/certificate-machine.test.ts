/** When a certificate is ordered, renewed and tried again, on a clock that only the test moves. */

import { expect, test } from 'vitest';
import { createActor } from 'xstate';
import { type CertificateInput, certificateMachine } from '../../src/machines/certificate-machine.ts';
import { CERTIFICATE_LOOK_INTERVAL_MS, CERTIFICATE_ORDER_TIMEOUT_MS } from '../../src/protocol/tls-limits.ts';
import { ChartRun } from '../support/chart.ts';

const START_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Its wall clock goes with the simulated one, until the test sets it. */
const run = (input: Omit<CertificateInput, 'nowMs'>) => {
  let wallMs = START_MS;
  const nowMs = (): number => wallMs;
  const chart = new ChartRun<typeof certificateMachine>((options) =>
    createActor(certificateMachine, { input: { nowMs, ...input }, ...options }),
  );
  return {
    /** What the start says. */
    started: chart.advance(0),
    value: () => chart.snapshot.value,
    send: chart.send.bind(chart),
    advance: (ms: number) => {
      wallMs += ms;
      return chart.advance(ms);
    },
    /** Sets the wall clock; no time passes. */
    setClock: (ms: number) => (wallMs = ms),
  };
};

const DUE = [{ type: 'order.due' }];

test('without a certificate, an order is due at once', () => {
  const { started, value } = run({ orderAtMs: 0, hasFailed: false });
  expect([started, value()]).toStrictEqual([DUE, 'ordering']);
});

test('a certificate is renewed when its time has come, and not before', () => {
  const { started, advance, value } = run({ orderAtMs: START_MS + 60 * DAY_MS, hasFailed: false });
  expect([started, value()]).toStrictEqual([[], 'fresh']);
  expect(advance(60 * DAY_MS - 1)).toStrictEqual([]);
  expect(advance(1)).toStrictEqual(DUE);
});

test('an order that has succeeded is followed by the next at the time it was given', () => {
  const { send, advance, value } = run({ orderAtMs: 0, hasFailed: false });
  send({ type: 'order.succeeded', renewAtMs: START_MS + DAY_MS });
  expect(value()).toBe('fresh');
  expect(advance(DAY_MS - 1)).toStrictEqual([]);
  expect(advance(1)).toStrictEqual(DUE);
});

test('an order that has failed is tried again at the time it was given, and not before', () => {
  const { send, advance, value } = run({ orderAtMs: 0, hasFailed: false });
  expect(send({ type: 'order.failed', retryAtMs: START_MS + 60_000 })).toStrictEqual([]);
  expect(value()).toBe('retrying');
  expect(advance(59_999)).toStrictEqual([]);
  expect(advance(1)).toStrictEqual(DUE);
});

test('after a restart, the pause of a failed order goes on', () => {
  const { started, advance, value } = run({ orderAtMs: START_MS + 60_000, hasFailed: true });
  expect([started, value()]).toStrictEqual([[], 'retrying']);
  expect(advance(60_000)).toStrictEqual(DUE);
});

test('a clock that is set forward makes an order due within an hour', () => {
  const { advance, setClock, value } = run({ orderAtMs: START_MS + 60 * DAY_MS, hasFailed: false });
  setClock(START_MS + 61 * DAY_MS);
  expect(value()).toBe('fresh');
  expect(advance(CERTIFICATE_LOOK_INTERVAL_MS)).toStrictEqual(DUE);
});

test('an order that takes too long is given up once, and the chart waits for the report', () => {
  const { advance, send, value } = run({ orderAtMs: 0, hasFailed: false });
  expect(advance(CERTIFICATE_ORDER_TIMEOUT_MS - 1)).toStrictEqual([]);
  expect(advance(1)).toStrictEqual([{ type: 'order.overdue' }]);
  expect(advance(DAY_MS)).toStrictEqual([]);
  expect(value()).toBe('ordering');
  send({ type: 'order.failed', retryAtMs: START_MS + 3 * DAY_MS });
  expect(value()).toBe('retrying');
});

test.each(['fresh', 'ordering', 'retrying'])('nothing is ordered after the end, from %s', (from) => {
  const { send, advance, value } = run({
    orderAtMs: from === 'ordering' ? 0 : START_MS + DAY_MS,
    hasFailed: from === 'retrying',
  });
  expect(value()).toBe(from);
  send({ type: 'end' });
  expect(value()).toBe('ended');
  expect(advance(2 * DAY_MS)).toStrictEqual([]);
});
