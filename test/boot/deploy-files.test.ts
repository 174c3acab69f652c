/** What deploy/ tells an operator to start, starts. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkBoot } from '../../src/boot/check-boot.ts';
import { readCommand } from '../../src/config/read-config.ts';
import { settings } from '../../src/config/settings.ts';

const folder = new URL('../../deploy/', import.meta.url);
const example = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const FACTS = { env: {}, effectiveUid: 65_532, processStatus: 'CapEff:\t0000000000000400\n' };

const proxies = readdirSync(folder).filter((name) => /(\.(conf|cfg)|^Caddyfile)$/.test(name));

/** What the service sets, for each way to run it. */
const unit = example('pyrycode-relay.service');
const env = Object.fromEntries(
  [...unit.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
);

test.each(proxies)('the command line in %s', (name) => {
  const [, line = ''] = /^# {3}pyrycode-relay (.+)$/m.exec(example(name)) ?? [];
  const command = readCommand(line.split(' '), env);
  expect(command.kind === 'run' && checkBoot(command, FACTS)).toEqual([]);
});

test('the settings of the quick start', () => {
  const command = readCommand(['--domain', 'relay.example.org'], env);
  expect(command.kind === 'run' && checkBoot(command, FACTS)).toEqual([]);
});

test('operating.md names each file that the service can be given as a credential', () => {
  const names = [...unit.matchAll(/^#LoadCredential=([\w.]+):/gm)].map(([, name]) => name);
  expect(names).toEqual(['cert.pem', 'key.pem', 'tokens', 'fcm.json']);
  const doc = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');
  for (const name of names) expect(doc).toContain(`"/run/credentials/pyrycode-relay.service/${name}"`);
});

test('the service is given longer to stop than the relay drains, and starts with a file of settings', () => {
  const [, stopS] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? [];
  expect(Number(stopS) * 1_000).toBeGreaterThan(settings.drainDeadlineMs.fallback);
  const [, line = ''] = /^ExecStart=\/usr\/bin\/env pyrycode-relay (.+)$/m.exec(unit) ?? [];
  expect(line).toBe('--config /etc/pyrycode-relay.toml');
});
