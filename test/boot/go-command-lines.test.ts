/** The Go relay's command lines start this one (spec sections 7 and 12). */
import { describe, expect, test } from 'vitest';
import { checkBoot } from '../../src/boot/check-boot.ts';
import { readCommand } from '../../src/config/read-config.ts';

const FACTS = { env: {}, effectiveUid: 65_532, processStatus: 'CapEff:\t0000000000000400\n' };
const LISTEN = ['--insecure-listen', '127.0.0.1:8080'];

/** Its documented flags, each with a value that it takes, or none for a switch. */
const GO_FLAGS: Readonly<Record<string, string | undefined>> = {
  domain: 'relay.example.org',
  'cert-cache': '/var/lib/relay/autocert',
  'insecure-listen': '127.0.0.1:8080',
  'https-listen': ':8443',
  'http-listen': ':8080',
  'https-proxy-protocol': undefined,
  'metrics-listen': '127.0.0.1:9090',
  'trust-x-forwarded-for': undefined,
  'max-connections': '20',
};

/** As Go's strconv.ParseBool takes them. */
const GO_TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const GO_FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

const DOMAIN = ['--domain', 'relay.example.org'];
const CERTIFICATE = ['--tls-cert', 'relay.pem', '--tls-key', 'relay.key'];
/** What a flag is taken with, if not with the plain listener. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  'insecure-listen': [],
  domain: [],
  'cert-cache': DOMAIN,
  'http-listen': DOMAIN,
  'https-listen': CERTIFICATE,
  'https-proxy-protocol': CERTIFICATE,
};

describe.each(Object.entries(GO_FLAGS))('--%s', (flag, value) => {
  test.each(['-', '--'])('is taken with %j', (dashes) => {
    const name = `${dashes}${flag}`;
    const spellings =
      value === undefined
        ? [[name], ...GO_TRUE.map((text) => [`${name}=${text}`])]
        : [[name, value], [`${name}=${value}`]];
    for (const args of spellings) {
      const command = readCommand([...args, ...(COMPANIONS[flag] ?? LISTEN)], {});
      expect(command.kind === 'run' && command.given.get(flag)).toBe(`--${flag}`);
      if (command.kind === 'run') expect(checkBoot(command, FACTS)).toEqual([]);
    }
  });
});

test.each(GO_FALSE)('a switch is off with %j', (text) => {
  const command = readCommand([...LISTEN, `--trust-x-forwarded-for=${text}`], {});
  expect(command.kind === 'run' && command.config.trustXForwardedFor).toBe(false);
});

test.each(['tRUE', 'yes', 'on', '', ' true', '01'])('a switch is not taken with %j', (text) => {
  expect(() => readCommand([...LISTEN, `--trust-x-forwarded-for=${text}`], {})).toThrow(
    'takes true or false',
  );
});

test('its cache of certificates is taken with the plain listener too', () => {
  const command = readCommand([...LISTEN, '-cert-cache', '/var/lib/relay'], {});
  expect(command.kind === 'run' && checkBoot(command, FACTS)).toEqual([]);
});

test.each(['-version', '--version'])('%s is for the version', (flag) => {
  expect(readCommand([flag], {})).toEqual({ kind: 'version' });
});

const bootsWith = (args: readonly string[], env: Readonly<Record<string, string>>) => {
  const command = readCommand(args, env);
  if (command.kind !== 'run') throw new Error(`expected to run, got ${command.kind}`);
  return checkBoot(command, { ...FACTS, env });
};

test.each(['-', '--'])('the plain command line boots, with %j', (dashes) => {
  expect(
    bootsWith([`${dashes}insecure-listen`, '127.0.0.1:8080', `${dashes}metrics-listen`, ''], {}),
  ).toEqual([]);
});

describe('the deployment', () => {
  const FLAGS = ['domain', 'cert-cache', 'http-listen', 'https-listen', 'https-proxy-protocol'];

  test.each(['-', '--'])('boots, with %j', (dashes) => {
    const args = FLAGS.flatMap((flag) => [`${dashes}${flag}`, GO_FLAGS[flag]]).filter(
      (arg) => arg !== undefined,
    );
    const env = { PYRYCODE_RELAY_SINGLE_INSTANCE: '1', FLY_APP_NAME: 'pyrycode-relay' };
    expect(bootsWith(args, env)).toEqual([]);
    expect(bootsWith(args, { ...env, PYRYCODE_RELAY_PRODUCTION: '1' })).toEqual([]);
  });
});
