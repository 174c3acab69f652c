/** The lengths of a relay's timers, measured from outside. Its settings differ from what is declared instead of its code. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lengths, runTimers } from '../../src/conformance/timers/run-timers.ts';
import { judgeSpan, TIMER_NAMES, type TimerName, windowOf } from '../../src/conformance/timers/timer-span.ts';
import { RelayProcess } from '../support/relay-process.ts';

const TRUE_MS = 3_000;
/** A relay may notice a stall two seconds late, so a third of 3 s is too short to declare for these. */
const STALLS: readonly TimerName[] = ['message-timeout', 'write-timeout'];

/** All of that length, but for a heartbeat that does not end a binary before its write timeout does. */
const declare = (ms: number): Lengths => ({
  grace: ms,
  'probe-timeout': ms,
  'heartbeat-interval': ms,
  'heartbeat-timeout': 2 * ms,
  'message-timeout': ms,
  'write-timeout': ms,
});

const start = async (lengths: Lengths): Promise<RelayProcess> => {
  const flags = TIMER_NAMES.flatMap((name) => [`--${name}`, `${lengths[name]}ms`]);
  return await RelayProcess.start(['--metrics-listen=', ...flags]);
};

let relay: RelayProcess;
beforeAll(async () => {
  relay = await start(declare(TRUE_MS));
});
afterAll(() => relay.kill());

/** What could not be judged because this machine was busy is measured again. */
const TRIES = 10;

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
  });

  test('whose timers are five times too short fails each', async () => {
    expect(await measure(declare(5 * TRUE_MS))).toEqual(TIMER_NAMES.map((name) => `${name} failed`));
  });

  test('whose timers are three times too long fails each', async () => {
    const exact = TIMER_NAMES.filter((name) => !STALLS.includes(name));
    const patient = await start(declare(3 * TRUE_MS));
    const [ofExact, ofStalls] = await Promise.all([
      measure(declare(TRUE_MS / 3), exact),
      measure(declare(TRUE_MS), STALLS, patient),
    ]);
    patient.kill();
    expect([...ofExact, ...ofStalls]).toEqual(TIMER_NAMES.map((name) => `${name} failed`));
  });

  test('whose write timeout may be its heartbeat does not pass for it', async () => {
    const lengths = { ...declare(TRUE_MS), 'heartbeat-timeout': TRUE_MS };
    const patient = await start({ ...lengths, 'write-timeout': 3 * TRUE_MS });
    expect(await measure(lengths, ['write-timeout'], patient)).toEqual(['write-timeout skipped']);
    patient.kill();
  });

  test('whose heartbeat ends a binary before its write timeout could does not fail for it', async () => {
    const lengths = { ...declare(TRUE_MS), 'heartbeat-timeout': TRUE_MS, 'write-timeout': 5 * TRUE_MS };
    const quick = await start(lengths);
    expect(await measure(lengths, ['write-timeout'], quick)).toEqual(['write-timeout skipped']);
    quick.kill();
  });

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
