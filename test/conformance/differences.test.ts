/**
 * Each difference from the Go relay: its row in docs/differences.md, and that a target on the wrong side of it fails, whichever
 * the profile.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describePath, type Path } from '../../src/conformance/covers.ts';
import { DIFFERENCES, QUESTIONS } from '../../src/conformance/differences/all-differences.ts';
import { askDifferences } from '../../src/conformance/differences/ask-differences.ts';
import { rowOf } from '../../src/conformance/differences/difference.ts';
import { ENVELOPE_DIFFERENCES } from '../../src/conformance/differences/envelope-differences.ts';
import { FRAME_DIFFERENCES } from '../../src/conformance/differences/frame-differences.ts';
import { LIVENESS_DIFFERENCES } from '../../src/conformance/differences/liveness-differences.ts';
import { modelPaths } from '../../src/conformance/model.ts';
import type { Profile } from '../../src/conformance/profile.ts';
import { runPaths } from '../../src/conformance/run-paths.ts';
import { startGoAnswers } from '../support/go-answers.ts';
import { GoRelay, type GoRelayOptions } from '../support/go-relay.ts';
import { RelayProcess } from '../support/relay-process.ts';

const CAP = 2;
const TIMER_MS = 1_000;
const MOST_ATTEMPTS = 5;

let ours: RelayProcess;
beforeAll(async () => {
  const timers = ['--grace', `${TIMER_MS}ms`, '--probe-timeout', `${TIMER_MS}ms`];
  ours = await RelayProcess.start(['--metrics-listen=', '--max-phones', String(CAP), ...timers]);
});
afterAll(() => ours.kill());

describe('docs/differences.md', () => {
  const sections = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8').split(/^#+ /m);

  test.each(DIFFERENCES)('$id has its row, in its section', (difference) => {
    const section = sections.find((text) => text.startsWith(`${difference.section}\n`)) ?? '';
    expect(section.split('\n')).toContain(rowOf(difference));
    const all = sections.join('').split('\n');
    expect(all.filter((line) => line.startsWith(`| ${difference.what} |`))).toHaveLength(1);
  });

  test('each says how it is told apart', () => {
    const untold = DIFFERENCES.filter(
      ({ rows, leavesOpen, allows, question }) => (rows ?? leavesOpen ?? allows ?? question) === undefined,
    );
    expect(untold).toEqual([]);
    expect(new Set(DIFFERENCES.map(({ id }) => id)).size).toBe(DIFFERENCES.length);
  });
});

describe('asked about', () => {
  const options = { patienceMs: 10_000 };
  /** They need a relay that forwards. The others need bytes that no library sends. */
  const FORWARDED = new Set(
    [...ENVELOPE_DIFFERENCES, ...FRAME_DIFFERENCES, ...LIVENESS_DIFFERENCES].map(({ id }) => id),
  ).add('reason-of-1009');
  let relay: GoRelay;
  let answers: { readonly url: string; readonly stop: () => void };
  beforeAll(async () => {
    relay = await GoRelay.start({ maxPhones: CAP, graceMs: TIMER_MS, probeTimeoutMs: 10_000 });
    answers = await startGoAnswers();
  });
  afterAll(() => {
    relay.stop();
    answers.stop();
  });

  test.each(QUESTIONS)('$id: each side passes its own profile and fails the other', async (asked) => {
    const go = FORWARDED.has(asked.id) ? relay : answers;
    const kindOf = async (base: string, profile: Profile): Promise<string | undefined> => {
      // A process that stands still for half a second knows no answer. On a busy machine, that is this one.
      for (let attempt = 1; ; attempt++) {
        const [check] = await askDifferences([asked], profile, { base, ...options });
        if (check?.kind !== 'inconclusive' || attempt === MOST_ATTEMPTS) return check?.kind;
      }
    };
    const kinds = await Promise.all([
      kindOf(ours.url, 'strict'),
      kindOf(ours.url, 'go'),
      kindOf(go.url, 'strict'),
      kindOf(go.url, 'go'),
    ]);
    expect(kinds).toEqual(['passed', 'failed', 'failed', 'passed']);
  });
});

describe('shown by a path', () => {
  const paths = modelPaths({ maxPhones: CAP, cover: 'pairs' });
  const pathOf = (events: string): Path => {
    const path = paths.find((candidate) => describePath(candidate) === events);
    if (path === undefined) throw new Error(`there is no path "${events}"`);
    return path;
  };
  const resultOf = async (base: string, profile: Profile, path: Path): Promise<string> => {
    const results: string[] = [];
    const limits = { maxPhones: CAP, maxLine: 16 };
    const timers = { graceMs: TIMER_MS, probeTimeoutMs: TIMER_MS };
    await runPaths(
      [path],
      { base, ...timers, patienceMs: 10_000, parallel: 1, profile, limits },
      (outcome) => {
        results.push(outcome.kind);
      },
    );
    return results.join();
  };
  const FROM_GO: Partial<GoRelayOptions> = {};
  const LATE_BINARY: Partial<GoRelayOptions> = { lagMs: (role) => (role === 'binary' ? 80 : 0) };
  let closes = 0;
  /** So often that three attempts in a row fail, and then the fifth passes. */
  const DROPS_SOME: Partial<GoRelayOptions> = { dropsClose: () => closes++ % 5 !== 4 };

  /** Strict on ours, the Go profile on ours, strict on the Go relay, its own profile on it. */
  const BOTH_WAYS = ['passed', 'failed', 'failed', 'passed'];
  /** What the Go profile allows is allowed to be right, too. */
  const ALLOWED = ['passed', 'passed', 'failed', 'passed'];
  const OPEN = ['passed', 'skipped', 'failed', 'skipped'];

  const SHOWN: Readonly<Record<string, readonly [string, readonly string[], Partial<GoRelayOptions>]>> = {
    'grace-expires': ['claim, register, holder leaves, grace passes', BOTH_WAYS, FROM_GO],
    'phone-sends-in-grace': ['claim, register, holder leaves, phone sends', BOTH_WAYS, FROM_GO],
    'illegal-directive': ['claim, register, dismiss illegally', BOTH_WAYS, FROM_GO],
    'close-while-writing': ['claim, register, holder leaves, claim', ALLOWED, DROPS_SOME],
    'place-of-a-dismissed-phone': ['claim, register x2, dismiss, register', ALLOWED, FROM_GO],
    'registered-after-101': ['claim, register, phone sends', ALLOWED, LATE_BINARY],
    'registered-ahead-of-a-takeover': ['claim, holder leaves, claim, register', ALLOWED, LATE_BINARY],
    'claimant-in-line': ['claim x2, first in line leaves', OPEN, FROM_GO],
    'length-of-the-line': ['claim x18', OPEN, FROM_GO],
    'line-without-a-holder': ['claim x3, register, holder leaves', OPEN, FROM_GO],
  };

  test('each difference that no question tells', () => {
    const told = new Set(QUESTIONS.map(({ id }) => id));
    expect(Object.keys(SHOWN)).toEqual(DIFFERENCES.map(({ id }) => id).filter((id) => !told.has(id)));
  });

  test.each(Object.entries(SHOWN))('%s', async (_, [events, expected, options]) => {
    const path = pathOf(events);
    const go = await GoRelay.start({
      maxPhones: CAP,
      graceMs: TIMER_MS,
      probeTimeoutMs: TIMER_MS,
      ...options,
    });
    const results = [
      await resultOf(ours.url, 'strict', path),
      await resultOf(ours.url, 'go', path),
      await resultOf(go.url, 'strict', path),
      await resultOf(go.url, 'go', path),
    ];
    go.stop();
    expect(results).toEqual(expected);
  });

  test.each([
    ['drops TCP', 'claim, register, holder leaves, claim', { dropsClose: () => true }],
    ['registers too late', 'claim, register', { lagMs: (role: string) => (role === 'binary' ? 60_000 : 0) }],
  ])('a relay that always %s fails the Go profile, too', async (_, events, options) => {
    const timers = { graceMs: TIMER_MS, probeTimeoutMs: TIMER_MS };
    const go = await GoRelay.start({ maxPhones: CAP, ...timers, ...options });
    const result = await resultOf(go.url, 'go', pathOf(events));
    go.stop();
    expect(result).toBe('failed');
  });
});
