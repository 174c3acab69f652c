/** The command against a relay that deviates as the Go relay does. */
import { afterEach, describe, expect, test } from 'vitest';
import { GoRelay, type GoRelayOptions } from '../support/go-relay.ts';
import { runMain } from '../support/relay-process.ts';

const OPTIONS: GoRelayOptions = { maxPhones: 2, graceMs: 1_500, probeTimeoutMs: 1_500 };

let relay: GoRelay | undefined;
afterEach(() => relay?.stop());

const conformance = async (profile: string, options: Partial<GoRelayOptions> = {}) => {
  relay = await GoRelay.start({ ...OPTIONS, ...options });
  const timers = ['--grace', `${OPTIONS.graceMs}ms`, '--probe-timeout', `${OPTIONS.probeTimeoutMs}ms`];
  const args = [relay.url, '--max-phones', String(OPTIONS.maxPhones), ...timers, '--profile', profile];
  return await runMain(['conformance', ...args], {}, 120_000);
};

describe('the strict profile fails it, and says', () => {
  test('what it does otherwise', async () => {
    const { code, stdout } = await conformance('strict');
    expect(code).toBe(1);
    // It does not read claimants in line.
    expect(stdout).toMatch(
      /^FAIL claim x2, first in line leaves → expected the close of a binary to be answered, got nothing/m,
    );
    expect(stdout).toMatch(
      /^FAIL claim x3, last in line leaves → expected the close of a binary to be answered, got nothing/m,
    );
    expect(stdout).toMatch(
      /dismiss → while the dismissed phone has not answered its close frame: .*got 4429 "too many phones for server-id"/,
    );
    expect(stdout).toMatch(/phone sends → expected 4404 "no server with that id", got 1000/);
    expect(stdout).toMatch(/dismiss illegally → expected 1011, got 1006/);
    expect(stdout).not.toContain('INCONCLUSIVE');
  }, 120_000);
});
