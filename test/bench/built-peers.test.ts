/** The peers of `npm run bench` in other languages: none is measured that does not do what it claims. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { build, builtPeer, SOURCES } from '../../bench/peers/built-peers.js';
import { checkConformance } from '../../bench/peers/check-conformance.js';
import { startNaive, startOurs } from '../../bench/peers/peers.js';

/** A build, and three seconds of paths. */
const PATIENCE_MS = 120_000;

/** As the peers read their settings from the environment, so that the check can have its short timers. */
const ours = async ({ env = {} }: { env?: Readonly<Record<string, string>> }) => {
  const { MAX_PHONES = '', GRACE = '', PROBE_TIMEOUT = '' } = env;
  const timers = ['--grace', GRACE, '--probe-timeout', PROBE_TIMEOUT];
  return await startOurs({ flags: ['--max-phones', MAX_PHONES, ...timers], isPinned: false });
};

describe('a peer is asked for the paths that it claims', () => {
  test('and is measured if it keeps them', { timeout: PATIENCE_MS }, async () => {
    expect(await checkConformance(ours, ['--profile', 'strict'])).toBeUndefined();
  });

  test('and is refused, with the first failure, if it does not', { timeout: PATIENCE_MS }, async () => {
    expect(await checkConformance(ours, ['--profile', 'go'])).toMatch(/^FAIL .* → expected /);
  });

  test('and is refused if it ends meanwhile', { timeout: PATIENCE_MS }, async () => {
    expect(await checkConformance(startNaive, ['--profile', 'go'])).toMatch(/^FAIL/);
  });
});

describe('each peer in another language', () => {
  for (const source of SOURCES) {
    test(`${source.name} keeps what it claims`, { timeout: PATIENCE_MS }, async (context) => {
      // A minute or more of compiling, which `npm run bench` does.
      if (source.isSlow && !existsSync(source.program)) context.skip(`${source.name} has not been built`);
      const failing = await build(source, true);
      if (failing?.endsWith('is not installed here') === true) context.skip(failing);
      expect(failing).toBeUndefined();
      expect(await checkConformance(builtPeer(source).start, source.claims)).toBeUndefined();
    });
  }

  test('is left out with a word if there is no toolchain', async () => {
    const [source] = SOURCES;
    if (source === undefined) throw new Error('there are sources');
    expect(await build({ ...source, toolchain: 'no-such-toolchain' }, false)).toBe(
      'no-such-toolchain is not installed here',
    );
  });

  test('is left out with the error of its compiler if it cannot be built', async () => {
    const [source] = SOURCES;
    if (source === undefined) throw new Error('there are sources');
    const broken = { ...source, toolchain: 'node', version: ['--version'], build: ['no-such-file.js'] };
    expect(await build(broken, false)).toMatch(/^node cannot build it: Error: Cannot find module/);
  });
});
