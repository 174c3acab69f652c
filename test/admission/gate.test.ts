import { expect, test } from 'vitest';
import { ConnectionCaps } from '../../src/admission/connection-caps.ts';
import { type Condition, createGate } from '../../src/admission/gate.ts';
import { RETRY_AFTER_S } from '../../src/admission/limits.ts';
import { RateBuckets } from '../../src/admission/rate-buckets.ts';

const gate = (
  burst: number,
  maxConnections: number,
  maxPerSubscriber = 0,
  condition: Condition = () => undefined,
) => {
  const clock = { ms: 0 };
  const caps = new ConnectionCaps({
    maxConnections,
    maxPerSubscriber,
    reservedPercent: { binary: 50, phone: 0 },
  });
  const buckets = new RateBuckets({ burst, everyMs: 6_000 }, () => clock.ms);
  return { clock, caps, admit: createGate(buckets, caps, [condition]) };
};

test('the rate comes first, and is paid by those that are refused for something else', () => {
  const { admit, clock } = gate(2, 0);
  expect(admit('phone', 'a')).toMatchObject({
    limit: 'max_connections',
    status: 503,
    retryAfterS: RETRY_AFTER_S,
  });
  expect(admit('phone', 'a')).toMatchObject({ limit: 'max_connections' });
  clock.ms += 500;
  expect(admit('phone', 'a')).toEqual({ kind: 'refused', limit: 'rate', status: 429, retryAfterS: 6 });
});

test('a condition of the whole relay comes before its places', () => {
  let limit: 'memory' | undefined = 'memory';
  const { admit, caps } = gate(0, 10, 0, () => limit);
  expect(admit('phone', 'a')).toMatchObject({ limit: 'memory', status: 503 });
  expect(caps.total).toBe(0);
  limit = undefined;
  expect(admit('phone', 'a').kind).toBe('admitted');
});

test('each cap has its own answer', () => {
  const { admit } = gate(0, 4, 1);
  expect(admit('phone', 'a').kind).toBe('admitted');
  expect(admit('phone', 'a')).toMatchObject({ limit: 'max_connections_per_ip', status: 429 });
  expect(admit('phone', 'b').kind).toBe('admitted');
  expect(admit('phone', 'c')).toMatchObject({ limit: 'reserved', status: 503 });
  expect(admit('binary', 'c').kind).toBe('admitted');
});

test('a place is free when it is released', () => {
  const { admit } = gate(0, 1);
  const admitted = admit('phone', 'a');
  expect(admit('phone', 'b').kind).toBe('refused');
  if (admitted.kind === 'admitted') admitted.release();
  expect(admit('phone', 'b').kind).toBe('admitted');
});
