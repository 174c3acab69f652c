/** Questions to a target that answers 429. */
import { describe, expect, test } from 'vitest';
import { QUESTIONS } from '../../src/conformance/differences/all-differences.ts';
import { askDifferences } from '../../src/conformance/differences/ask-differences.ts';
import { RelayProcess } from '../support/relay-process.ts';

describe('a target that limits dials', () => {
  const TWO_DIALS = new Set(['long-version', 'long-server-id', 'origin-that-is-no-url']);
  const asked = QUESTIONS.filter(({ id }) => TWO_DIALS.has(id));
  const askLimited = async (patienceMs: number): Promise<readonly [string[], number]> => {
    const relay = await RelayProcess.start([
      '--metrics-listen=',
      '--rate-burst',
      '2',
      '--rate-every',
      '400ms',
    ]);
    let limited = 0;
    const onLimited = (): void => void limited++;
    const checks = await askDifferences(asked, 'strict', { base: relay.url, patienceMs, onLimited });
    relay.kill();
    return [checks.map(({ kind }) => kind), limited];
  };

  test('is asked again', async () => {
    const [kinds, limited] = await askLimited(30_000);
    expect(kinds).toEqual(['passed', 'passed', 'passed']);
    expect(limited).toBeGreaterThan(0);
  });

  test('does not fail when patience ends first', async () => {
    const [kinds, limited] = await askLimited(500);
    expect(kinds).toContain('inconclusive');
    expect(kinds).not.toContain('failed');
    expect(limited).toBe(0);
  });
});
