/** The lengths of a relay's timers, measured from outside. Its settings differ from what is declared instead of its code. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lengths, runTimers } from '../../src/conformance/timers/run-timers.ts';
import { judgeSpan, TIMER_NAMES, type TimerName, windowOf } from '../../src/conformance/timers/timer-span.ts';
import { RelayProcess } from '../support/relay-process.ts';

const TRUE_MS = 3_000;
/** A relay may notice a stall two seconds late, so a third of 3 s is too short to declare for these. */
const STALLS: readonly TimerName[] = ['message-timeout', 'write-timeout'];

const start = async (ms: number): Promise<RelayProcess> => {
  const flags = TIMER_NAMES.flatMap((name) => [`--${name}`, `${ms}ms`]);
  return await RelayProcess.start(['--metrics-listen=', ...flags]);
};

let relay: RelayProcess;
beforeAll(async () => {
  relay = await start(TRUE_MS);
});
afterAll(() => relay.kill());

const declare = (ms: number): Lengths => ({
  grace: ms,
  'probe-timeout': ms,
  'heartbeat-interval': ms,
  'heartbeat-timeout': ms,
  'message-timeout': ms,
  'write-timeout': ms,
});

/** What could not be judged because this machine was busy is measured again. */
const TRIES = 3;

const measure = async (
  lengths: Lengths,
  names: readonly TimerName[] = TIMER_NAMES,
  { url: base }: RelayProcess = relay,
) => {
  const kinds = new Map<string, string>();
  const undecided = new Set(names);
  for (let tries = 0; tries < TRIES && undecided.size > 0; tries++) {
    for (const { id, kind } of await runTimers({ base, patienceMs: 60_000, lengths, timers: undecided })) {
      kinds.set(id, kind);
    }
    for (const name of undecided) if (kinds.get(name) !== 'inconclusive') undecided.delete(name);
  }
  return names.map((name) => `${name} ${kinds.get(name)}`);
};

describe('a relay', () => {
  test('whose timers are as declared passes', async () => {
    expect(await measure(declare(TRUE_MS))).toEqual(TIMER_NAMES.map((name) => `${name} passed`));
  }, 120_000);

  test('whose timers are five times too short fails each', async () => {
    expect(await measure(declare(5 * TRUE_MS))).toEqual(TIMER_NAMES.map((name) => `${name} failed`));
  }, 120_000);

  test('whose timers are three times too long fails each', async () => {
    const exact = TIMER_NAMES.filter((name) => !STALLS.includes(name));
    const patient = await start(3 * TRUE_MS);
    const [ofExact, ofStalls] = await Promise.all([
      measure(declare(TRUE_MS / 3), exact),
      measure(declare(TRUE_MS), STALLS, patient),
    ]);
    patient.kill();
    expect([...ofExact, ...ofStalls]).toEqual(TIMER_NAMES.map((name) => `${name} failed`));
  }, 120_000);

  test('that is declared to take longer than the patience is skipped', async () => {
    expect(await measure(declare(61_000), ['grace'])).toEqual(['grace skipped']);
  });
});

test.each([
  [{ leastMs: 10_000, mostMs: 10_000 }, 'right'],
  [{ leastMs: 8_000, mostMs: 8_999 }, 'too short'],
  // Maybe it is too short, maybe this machine is slow: what may be right is.
  [{ leastMs: 8_000, mostMs: 9_001 }, 'right'],
  [{ leastMs: 13_501, mostMs: 14_000 }, 'too long'],
  [{ leastMs: 13_499, mostMs: 20_000 }, 'right'],
] as const)('%j of 10 s is %s', (span, verdict) => {
  expect(judgeSpan(span, windowOf(10_000))).toBe(verdict);
});

test.each([500, 1_000, 10_000, 600_000])('a fifth and three times of %d ms are never right', (declaredMs) => {
  const window = windowOf(declaredMs);
  const of = (ms: number) => judgeSpan({ leastMs: ms, mostMs: ms }, window);
  expect([of(declaredMs / 5), of(declaredMs), of(3 * declaredMs)]).toEqual([
    'too short',
    'right',
    'too long',
  ]);
});
