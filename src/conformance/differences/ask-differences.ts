/** Asks a target about the differences that no path shows, and compares its answers with those of the profile. */
import { visibleText } from '../../protocol/visible-text.ts';
import type { Check } from '../check.ts';
import { pause } from '../pause.ts';
import type { Profile } from '../profile.ts';
import { Stalls } from '../stalls.ts';
import { LIMITED } from '../wire-handshake.ts';
import { Asker } from './asker.ts';
import type { Asked, Question } from './difference.ts';
import type { RawOptions } from './raw-connection.ts';

/** Wrong answers in a row that make a failure: a busy target may keep one of them waiting. */
const MOST_ATTEMPTS = 3;
/** This process may not have stood still for longer: half of what is silence to it. */
const MOST_STALLED_MS = 500;
/** What a target answers that is dialled too often, or has no room. */
const BUSY = ['HTTP 429', 'HTTP 503'];
const RETRY_MS = 1_000;

const isBusy = (got: string): boolean => BUSY.some((status) => got.includes(status));

/** @returns what was seen, or why the question could not be put */
const answerOf = async (question: Question, options: RawOptions): Promise<string> => {
  const asker = new Asker(options);
  try {
    return await question.ask(asker);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    asker.clear();
  }
};

const askOne = async (
  { id, what, question }: Asked,
  profile: Profile,
  options: RawOptions,
  stalls: Stalls,
): Promise<Check> => {
  const check = { group: 'difference', id, title: what } as const;
  const expected = profile === 'go' ? question.go : question.here;
  const givesUpAt = performance.now() + options.patienceMs;
  let got = '';
  let failures = 0;
  for (let attempts = 1; attempts <= MOST_ATTEMPTS; attempts++) {
    let startedAtMs = performance.now();
    got = await answerOf(question, options);
    while (isBusy(got) && performance.now() + RETRY_MS < givesUpAt) {
      options.onLimited?.();
      await pause(RETRY_MS);
      startedAtMs = performance.now();
      got = await answerOf(question, options);
    }
    if (got === expected) return { ...check, kind: 'passed', text: got };
    if (isBusy(got)) return { ...check, kind: 'inconclusive', text: LIMITED };
    if (stalls.longestSince(startedAtMs) <= MOST_STALLED_MS) failures++;
  }
  const text = `expected ${expected}, got ${visibleText(got)}`;
  return { ...check, kind: failures === MOST_ATTEMPTS ? 'failed' : 'inconclusive', text };
};

/** One after the other: a target may limit dials. */
export const askDifferences = async (
  asked: readonly Asked[],
  profile: Profile,
  options: RawOptions,
): Promise<Check[]> => {
  const stalls = new Stalls();
  const checks: Check[] = [];
  for (const one of asked) checks.push(await askOne(one, profile, options, stalls));
  stalls.end();
  return checks;
};
