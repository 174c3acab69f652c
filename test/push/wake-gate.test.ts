/** Which wakes are admitted, and in which order the limits count. The clock belongs to the test. */
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { MAX_WAKES_IN_FLIGHT } from '../../src/protocol/push-limits.ts';
import {
  DEAD_TOKEN_MS,
  DEFAULT_PUSH_PER_SECOND,
  MAX_TOKEN_LENGTH,
  MAX_WAKE_BYTES,
  WAKE_BURST,
  WAKE_EVERY_MS,
} from '../../src/push/limits.ts';
import { type Means, WakeGate } from '../../src/push/wake-gate.ts';

let nowMs = 0;
let gate: WakeGate;
beforeEach(() => {
  nowMs = 1_000_000;
  gate = new WakeGate(DEFAULT_PUSH_PER_SECOND, () => nowMs);
});

const ON: Means = { platform: 'fcm', inFlight: 0 };

const judge = (wake: unknown, serverId = 's', means = ON): string => {
  const text = typeof wake === 'string' ? wake : JSON.stringify(wake);
  const judgement = gate.judge(serverId, Buffer.from(text), means);
  return judgement.kind === 'admitted' ? 'admitted' : judgement.refusal;
};

const wakeOf = (token: string) => ({ platform: 'fcm', token });

describe('reading', () => {
  test.each([
    ['a wake', wakeOf('t'), 'admitted'],
    ['with members that nobody knows', { ...wakeOf('t'), title: 'no', __proto__: null }, 'admitted'],
    ['the last of two', '{"platform":"apns","token":"","platform":"fcm","token":"t"}', 'admitted'],
    ['an escape', String.raw`{"pl\u0061tform":"fc\u006d","token":"t"}`, 'admitted'],
    ['a number', '5', 'malformed'],
    ['false', 'false', 'malformed'],
    ['a text', '"fcm"', 'malformed'],
    ['a list', '[]', 'malformed'],
    ['a platform of another type', { platform: 5, token: 't' }, 'malformed'],
    ['a token of another type', { platform: 'fcm', token: ['t'] }, 'malformed'],
    ['of another type, on another platform', { platform: 'apns', token: {} }, 'malformed'],
    ['nothing', {}, 'platform'],
    ['another platform', { platform: 'apns', token: 't' }, 'platform'],
    ['capitals', { platform: 'FCM', token: 't' }, 'platform'],
    ['a space', { platform: 'fcm ', token: 't' }, 'platform'],
    ['a key in capitals', { Platform: 'fcm', token: 't' }, 'platform'],
    ['another platform without a token', { platform: 'apns', token: '' }, 'platform'],
    ['a null platform', { platform: null, token: 't' }, 'platform'],
    ['an empty token', wakeOf(''), 'empty_token'],
    ['no token', { platform: 'fcm' }, 'empty_token'],
    ['a null token', { platform: 'fcm', token: null }, 'empty_token'],
    ['a platform that only the prototype has', '{"__proto__":{"platform":"fcm","token":"t"}}', 'platform'],
    ['the longest token', wakeOf('x'.repeat(MAX_TOKEN_LENGTH)), 'admitted'],
    ['a longer one', wakeOf('x'.repeat(MAX_TOKEN_LENGTH + 1)), 'long_token'],
  ])('%s', (_, wake, verdict) => {
    expect(judge(wake)).toBe(verdict);
  });

  test('a longer value is not parsed', () => {
    const wake = JSON.stringify(wakeOf('t'));
    expect(judge(wake + ' '.repeat(MAX_WAKE_BYTES - wake.length))).toBe('admitted');
    expect(judge(wake + ' '.repeat(MAX_WAKE_BYTES - wake.length + 1))).toBe('malformed');
  });

  test('the fingerprint is the beginning of the SHA-256 of the token', () => {
    const judgement = gate.judge('s', Buffer.from(JSON.stringify(wakeOf('grüße'))), ON);
    const fingerprint = createHash('sha256').update('grüße').digest('hex').slice(0, 8);
    expect(judgement).toStrictEqual({ kind: 'admitted', token: 'grüße', fingerprint });
  });
});

test('push that is off looks at nothing', () => {
  for (const wake of [5, wakeOf('t')])
    expect(judge(wake, 's', { platform: null, inFlight: 99 })).toBe('push_off');
});

describe('the bucket of a server-id', () => {
  test('has six wakes, and gains one in ten seconds', () => {
    for (let n = 0; n < WAKE_BURST; n++) expect(judge(wakeOf(`t${n}`))).toBe('admitted');
    expect(judge(wakeOf('t'))).toBe('rate');
    expect(judge(wakeOf('t'), 'another')).toBe('admitted');
    nowMs += WAKE_EVERY_MS - 1;
    expect(judge(wakeOf('t'))).toBe('rate');
    nowMs += 1;
    expect(judge(wakeOf('t'))).toBe('admitted');
    expect(judge(wakeOf('t'))).toBe('rate');
  });

  test('pays for no wake that is never admitted', () => {
    for (let n = 0; n < 100; n++) for (const wake of [5, { platform: 'apns' }, wakeOf('')]) judge(wake);
    for (let n = 0; n < WAKE_BURST; n++) expect(judge(wakeOf('t'))).toBe('admitted');
  });

  test.each([
    ['a dead token', 'dead_token', ON],
    ['the cap of those in flight', 'in_flight', { ...ON, inFlight: MAX_WAKES_IN_FLIGHT }],
  ])('pays for one that is refused for %s', (_, refusal, means) => {
    gate.bury('dead');
    for (let n = 0; n < WAKE_BURST; n++)
      expect(judge(wakeOf('dead'), 's', means)).toBe(refusal === 'in_flight' ? 'dead_token' : refusal);
    expect(judge(wakeOf('dead'), 's', means)).toBe('rate');
  });
});

test('the cap of those in flight is the last to be asked', () => {
  const full = { ...ON, inFlight: MAX_WAKES_IN_FLIGHT };
  for (let n = 0; n < WAKE_BURST; n++) expect(judge(wakeOf('t'), 's', full)).toBe('in_flight');
  expect(judge(wakeOf('t'), 's', full)).toBe('rate');
  expect(judge(wakeOf('t'), 's2', { ...full, inFlight: MAX_WAKES_IN_FLIGHT - 1 })).toBe('admitted');
});

describe('a dead token', () => {
  test('is refused for an hour, whoever asks', () => {
    gate.bury('dead');
    expect(judge(wakeOf('dead'), 's1')).toBe('dead_token');
    expect(judge(wakeOf('alive'), 's2')).toBe('admitted');
    nowMs += DEAD_TOKEN_MS - 1;
    expect(judge(wakeOf('dead'), 's3')).toBe('dead_token');
    nowMs += 1;
    expect(judge(wakeOf('dead'), 's4')).toBe('admitted');
    expect(gate.deadTokens).toBe(0);
  });

  test('costs nothing of the ceiling', () => {
    gate.changeCeiling(1);
    gate.bury('dead');
    for (let n = 0; n < 5; n++) judge(wakeOf('dead'), `s${n}`);
    expect(judge(wakeOf('t'), 'other')).toBe('admitted');
  });
});

describe('the ceiling', () => {
  test('holds over all server-ids, in each second', () => {
    const admittedOf = (from: number): number => {
      let admitted = 0;
      for (let n = 0; n < 200; n++) if (judge(wakeOf('t'), `s${from + n}`) === 'admitted') admitted++;
      return admitted;
    };
    expect(admittedOf(0)).toBe(DEFAULT_PUSH_PER_SECOND);
    expect(judge(wakeOf('t'), 'late')).toBe('ceiling');
    nowMs += 1_000;
    expect(admittedOf(1_000)).toBe(DEFAULT_PUSH_PER_SECOND);
  });

  test('can be changed, and be none', () => {
    gate.changeCeiling(1);
    expect(judge(wakeOf('t'), 's1')).toBe('admitted');
    expect(judge(wakeOf('t'), 's2')).toBe('ceiling');
    gate.changeCeiling(0);
    for (let n = 3; n < 300; n++) expect(judge(wakeOf('t'), `s${n}`)).toBe('admitted');
  });
});
