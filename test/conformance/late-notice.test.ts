/** How soon a close notice must come, against a relay that sends each some time after its phone has ended. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/conformance/attempt-path.ts';
import { describePath, type Path } from '../../src/conformance/covers.ts';
import { failureLines } from '../../src/conformance/failure-kinds.ts';
import { modelPaths } from '../../src/conformance/model.ts';
import { PROFILES, type Profile } from '../../src/conformance/profile.ts';
import { failuresOf } from '../../src/conformance/report.ts';
import { runPaths } from '../../src/conformance/run-paths.ts';
import { GoRelay } from '../support/go-relay.ts';

const CAP = 2;
/** No timer of the target runs on these paths. */
const TIMERS = { graceMs: 600_000, probeTimeoutMs: 600_000 };
const DROPS = 'claim, register, phone drops';
const LEAVES = 'claim, register, phone leaves';
/** Here only the phone that registers when the path is over leaves. */
const NO_PHONE = 'claim';

const paths = modelPaths({ maxPhones: CAP, cover: 'edge' });
const pathOf = (events: string): Path => {
  const path = paths.find((candidate) => describePath(candidate) === events);
  if (path === undefined) throw new Error(`there is no path "${events}"`);
  return path;
};

let relay: GoRelay | undefined;
afterEach(() => relay?.stop());

const outcomesOf = async (
  noticeLagMs: () => number,
  profile: Profile,
  ...events: readonly string[]
): Promise<readonly Outcome[]> => {
  relay = await GoRelay.start({ maxPhones: CAP, ...TIMERS, noticeLagMs });
  const outcomes: Outcome[] = [];
  const limits = { maxPhones: CAP, maxLine: 16 };
  const options = { base: relay.url, ...TIMERS, patienceMs: 10_000, parallel: 3, profile, limits };
  await runPaths(events.map(pathOf), options, (outcome) => void outcomes.push(outcome));
  return outcomes;
};

describe.each(PROFILES)('in the profile %s, a relay whose notices come', (profile) => {
  test.each([
    ['at once', 0, 'passed'],
    ['after half a second', 500, 'passed'],
    ['after a second and a half', 1_500, 'failed'],
  ])('%s: %i ms, %s', async (_, lagMs, kind) => {
    const [outcome] = await outcomesOf(() => lagMs, profile, DROPS);
    expect(outcome?.kind).toBe(kind);
  });

  test('late once, as on a busy machine, passes', async () => {
    let notices = 0;
    const [outcome] = await outcomesOf(() => (notices++ === 0 ? 1_500 : 0), profile, DROPS);
    expect(outcome?.kind).toBe('passed');
    expect(notices).toBeGreaterThan(1);
  });
});

test('notices that come late are one fault, however late, shown by a path in which a phone occurs', async () => {
  let notices = 0;
  const lagMs = (): number => 1_500 + 300 * (notices++ % 4);
  const outcomes = await outcomesOf(lagMs, 'strict', NO_PHONE, DROPS, LEAVES);
  const [line, ...rest] = failureLines(failuresOf(outcomes));
  expect(rest).toEqual([]);
  expect(line).toMatch(
    /^FAIL claim, register, phone (drops|leaves) → expected close notice 100[01] within 1000 ms, got it after \d\.\d s \(and 2 more like it, also after phone (drops|leaves)\)/,
  );
});
