import { stringify } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { parseConfigFile } from '../../src/config/config-file.ts';
import { checkCombinations } from '../../src/config/flag-combinations.ts';
import { ConfigError, completeConfig, envName, readCommand } from '../../src/config/read-config.ts';
import { type Config, settingNames, settings } from '../../src/config/settings.ts';

type Env = Readonly<Record<string, string>>;

const LISTEN = ['--insecure-listen', '127.0.0.1:8080'];

const configOf = (args: readonly string[], env: Env = {}): Config => {
  const isGiven = args.some((arg) => arg.startsWith('--insecure-listen'));
  const command = readCommand([...(isGiven ? [] : LISTEN), ...args], env);
  if (command.kind !== 'run') throw new Error(`expected to run, got ${command.kind}`);
  return command.config;
};

/** The message of the ConfigError that `run` throws. Fails on any other outcome. */
const errorOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof ConfigError ? error.message : '';
  }
  throw new Error('nothing was thrown');
};

const DEFAULTS: Config = {
  insecureListen: null,
  metricsListen: { host: '127.0.0.1', port: 9_090 },
  inspectListen: null,
  statelyInspect: null,
  httpsListen: null,
  tlsCert: null,
  tlsKey: null,
  domains: null,
  httpListen: null,
  certCache: '~/.pyrycode-relay/certs',
  acmeDirectory: 'https://acme-v02.api.letsencrypt.org/directory',
  acmeEmail: null,
  proxyProtocol: false,
  httpsProxyProtocol: false,
  trustedProxies: [],
  trustXForwardedFor: false,
  rateBurst: 20,
  rateEveryMs: 6_000,
  maxConnections: null,
  maxConnectionsPerIp: 0,
  reservedBinaries: 10,
  reservedPhones: 10,
  binaryTokens: null,
  maxPhones: 16,
  maxFrameBytes: 262_144,
  phoneBacklogBytes: 4_194_304,
  totalBacklogBytes: null,
  memoryWatermarkBytes: null,
  maxServerIds: 0,
  serverIdBytesPerSecond: 0,
  fcmCredentials: null,
  fcmProject: null,
  fcmEndpoint: null,
  pushPerSecond: 50,
  graceMs: 30_000,
  heartbeatIntervalMs: 30_000,
  heartbeatTimeoutMs: 30_000,
  probeTimeoutMs: 10_000,
  writeTimeoutMs: 10_000,
  messageTimeoutMs: 30_000,
  drainDelayMs: 0,
  drainSpreadMs: 0,
  drainDeadlineMs: 10_000,
  configFile: null,
  logLevel: 'info',
  logFormat: 'json',
};

/** For each flag: a valid text, its value, another valid text, and invalid texts. */
const DURATION = [
  '1500ms',
  1_500,
  '2m',
  ['', '0s', '5', 'x', '-1s', '1.5s', '25h', '99999999999999999999s'],
] as const;
/** Shorter than the drain deadline. */
const DRAIN_PART = ['1500ms', 1_500, '0s', ['', '5', 'x', '-1s', '1.5s', '25h']] as const;
const NO_SIZES = ['', '0', '-1', '1KB', 'x'];
const CASES: Readonly<Record<keyof Config, readonly [string, unknown, string, readonly string[]]>> = {
  insecureListen: [
    '[::1]:80',
    { host: '::1', port: 80 },
    ':0',
    ['', 'x', '8080', 'a:65536', '[::1]', 'http://a:1'],
  ],
  inspectListen: [
    '127.0.0.1:0',
    { host: '127.0.0.1', port: 0 },
    '[::1]:1',
    ['', 'x', ':9091', 'localhost:9091', '0.0.0.0:1', '127.0.0.2:1'],
  ],
  statelyInspect: [
    '127.0.0.1:8088',
    { host: '127.0.0.1', port: 8_088 },
    '[::1]:1',
    ['', 'x', ':8088', '127.0.0.1:0', 'localhost:8088', '0.0.0.0:1', 'ws://127.0.0.1:8088', '10.0.0.1:8088'],
  ],
  metricsListen: [
    '127.9.9.9:0',
    { host: '127.9.9.9', port: 0 },
    '[0:0::1]:1',
    [
      'x',
      ':9090',
      'localhost:9090',
      '0.0.0.0:9090',
      '10.0.0.1:1',
      '[::]:1',
      '127.0.0.1:65536',
      '[::ffff:127.0.0.1]:1',
    ],
  ],
  httpsListen: ['[::1]:0', { host: '::1', port: 0 }, ':443', ['', 'x', '443', 'a:65536', '[::1]']],
  tlsCert: ['a.pem', 'a.pem', '/b.pem', ['', 'a\0b']],
  tlsKey: ['a.pem', 'a.pem', '/b.pem', ['', 'a\0b']],
  domains: [
    'B.example,a.example',
    ['b.example', 'a.example'],
    'c.example',
    ['', ',', 'localhost', '*.a.example'],
  ],
  httpListen: ['[::1]:0', { host: '::1', port: 0 }, ':80', ['', 'x', '80', 'a:65536', '[::1]']],
  certCache: ['certs', 'certs', '/certs', ['', 'a\0b']],
  acmeDirectory: [
    'https://a.example/dir',
    'https://a.example/dir',
    'https://b.example',
    ['', 'x', 'http://a.example'],
  ],
  acmeEmail: ['a@b.example', 'a@b.example', 'c@d.example', ['', 'a', 'a@b.example?c']],
  proxyProtocol: ['true', true, '0', ['', 'yes', 'tRUE']],
  httpsProxyProtocol: ['1', true, 'false', ['', 'on', '2']],
  trustedProxies: [
    'loopback, 10.0.0.0/8',
    ['loopback', '10.0.0.0/8'],
    'private',
    ['', ',', 'x', '10.0.0.0/33', 'loopback private', '10.0.0.1,'],
  ],
  trustXForwardedFor: ['true', true, '0', ['', 'yes', 'tRUE']],
  rateBurst: ['0', 0, '10000', ['', '-1', '10001']],
  rateEveryMs: DURATION,
  maxConnections: ['1', 1, '20', ['', '0', '-1', '1000001']],
  maxConnectionsPerIp: ['5', 5, '0', ['', '-1']],
  reservedBinaries: ['0', 0, '90', ['', '-1', '100', '5%']],
  reservedPhones: ['0', 0, '90', ['', '-1', '100']],
  binaryTokens: ['tokens', 'tokens', '/etc/tokens', ['']],
  maxPhones: ['0', 0, '1000000', ['', '-1', '1.5', 'x', '1000001', '1e3', '9'.repeat(400)]],
  maxFrameBytes: ['1KiB', 1_024, '5', [...NO_SIZES, '16777217', '17MiB', '9'.repeat(400)]],
  phoneBacklogBytes: ['8MiB', 8_388_608, '5MiB', [...NO_SIZES, '64', '2GiB', '2147483648', '9'.repeat(400)]],
  totalBacklogBytes: ['64MiB', 67_108_864, '1MiB', [...NO_SIZES, '1023KiB', '9'.repeat(400)]],
  memoryWatermarkBytes: ['400MiB', 419_430_400, '0', ['', '-1', '1KB', 'x', '9'.repeat(400)]],
  maxServerIds: ['500', 500, '0', ['', '-1', 'x', '1000001']],
  serverIdBytesPerSecond: ['1MiB', 1_048_576, '0', ['', '-1', 'x', '63KiB', '2GiB']],
  fcmCredentials: ['key.json', { file: 'key.json' }, '/b.json', ['', 'a\0b', '{"type":1}', ' {']],
  fcmProject: ['a-project', 'a-project', 'example.com:b', ['', 'A', '-a', 'a/b', 'a%2fb', 'a b']],
  fcmEndpoint: [
    'http://127.0.0.1:1',
    'http://127.0.0.1:1',
    'https://fcm.example/base',
    ['', 'x', 'http://fcm.example', 'https://a:b@fcm.example', 'https://fcm.example/#x', 'ftp://a.example'],
  ],
  pushPerSecond: ['0', 0, '10000', ['', '-1', '1.5', '10001', 'x']],
  graceMs: DURATION,
  heartbeatIntervalMs: DURATION,
  heartbeatTimeoutMs: DURATION,
  probeTimeoutMs: DURATION,
  writeTimeoutMs: DURATION,
  messageTimeoutMs: DURATION,
  drainDelayMs: DRAIN_PART,
  drainSpreadMs: DRAIN_PART,
  drainDeadlineMs: DURATION,
  configFile: ['a.toml', 'a.toml', '/b', ['']],
  logLevel: ['warn', 'warn', 'silent', ['', 'INFO', 'debug', 'x']],
  logFormat: ['logfmt', 'logfmt', 'pretty', ['', 'JSON', 'text']],
};

test.each(settingNames)('the default that --help and the docs show of %s is the default', (name) => {
  const { read, check, fallback, fallbackText } = settings[name];
  if (fallbackText === '') expect([null, false, []]).toContainEqual(fallback);
  else expect(check(read(fallbackText))).toEqual(fallback);
});

describe('without flags and variables', () => {
  test('every setting has its default', () => {
    expect({ ...configOf([]), insecureListen: null }).toEqual(DEFAULTS);
  });
});

const hasOwnVariable = (name: keyof Config): boolean => 'readVariable' in settings[name];

describe.each(settingNames)('%s', (name) => {
  const flag = `--${settings[name].flag}`;
  const variable = envName(settings[name].flag);
  const [text, value, other, refused] = CASES[name];
  const isSwitch = !('placeholder' in settings[name]);

  test('is read from its flag, else its variable, else its default', () => {
    expect(configOf(isSwitch ? [flag] : [flag, text])[name]).toEqual(value);
    expect(configOf([`${flag}=${text}`], { [variable]: other })[name]).toEqual(value);
    if (hasOwnVariable(name)) return;
    const required = name === 'insecureListen' ? [] : LISTEN;
    expect(readCommand(required, { [variable]: text })).toMatchObject({ config: { [name]: value } });
  });

  test.each(refused)('refuses %j with an error that names its source and the accepted form', (bad) => {
    const byFlag = errorOf(() => configOf([`${flag}=${bad}`]));
    expect(byFlag.startsWith(`${flag} takes ${settings[name].takes}, not `)).toBe(true);
    if (hasOwnVariable(name)) return;
    const required = name === 'insecureListen' ? [] : LISTEN;
    const byVariable = errorOf(() => readCommand(required, { [variable]: bad }));
    expect(byVariable.startsWith(`${variable} takes ${settings[name].takes}, not `)).toBe(true);
    expect(byFlag.length).toBeLessThan(400);
  });

  test.skipIf(isSwitch)('needs a value', () => {
    expect(errorOf(() => readCommand([flag], {}))).toBe(`${flag} needs a value: ${settings[name].takes}`);
  });
});

describe('the key of push', () => {
  const variable = 'PYRYCODE_RELAY_FCM_CREDENTIALS';

  test('is the text of its variable, as in the Go relay, even an empty one', () => {
    for (const json of ['{"type":"service_account"}', ''])
      expect(configOf([], { [variable]: json }).fcmCredentials).toEqual({ json });
  });

  const pem = '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----';
  const json = JSON.stringify({ type: 'service_account', private_key: pem });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  test.each([
    ['JSON', json],
    ['JSON in a list', `[${json}]`],
    ['JSON in quotes', `'${json}'`],
    ['JSON cut at its beginning', json.slice(5)],
    ['PEM', pem],
    ['PEM in one line', pem.replaceAll('\n', String.raw`\n`)],
    ['base64 of JSON', base64(json)],
    ['base64 of indented JSON', base64(JSON.stringify(JSON.parse(json), null, 2))],
    ['base64 in lines', `LS0t\n${base64(json)}`],
    ['a long text', `secret${'x'.repeat(1_024)}`],
  ])('is not quoted where the name of a file is due: %s', (_, key) => {
    const { takes } = settings.fcmCredentials;
    expect(errorOf(() => configOf([`--fcm-credentials=${key}`]))).toBe(
      `--fcm-credentials takes ${takes}, not this value, which is not shown: it may be a key`,
    );
    expect(errorOf(() => parseConfigFile('relay.toml', stringify({ 'fcm-credentials': key })))).toBe(
      `relay.toml:1: fcm-credentials takes ${takes}, not this value, which is not shown: it may be a key`,
    );
    expect(errorOf(() => completeConfig({ fcmCredentials: { file: key } }))).not.toContain(key.slice(-20));
  });

  test('is not quoted by another setting that it is given to', () => {
    expect(errorOf(() => configOf([`--fcm-project=${json}`]))).toMatch(/, not a JSON text$/);
  });

  test.each([
    'key.json',
    '/etc/eyes.json',
    'eyes.json',
    'ewer/key.json',
    'C:\\keys\\fcm key.json',
    'x'.repeat(1_024),
  ])('the name %s is one', (file) => {
    expect(configOf([`--fcm-credentials=${file}`]).fcmCredentials).toEqual({ file });
  });
});

describe('flags', () => {
  test.each([
    ['unknown', ['--max-sockets', '5']],
    ['unknown', ['--max-sockets=5']],
    ['unknown and short', ['-x']],
    ['negated', ['--no-max-phones']],
    ['named like what every object has', ['--constructor']],
    ['named like what every object has, with a value', ['--toString=5']],
    ['named like the prototype of every object', ['--__proto__']],
  ])('that are %s are refused by name: %j', (_, args) => {
    const name = args[0]?.split('=')[0] ?? '';
    expect(errorOf(() => configOf(args))).toBe(`unknown flag ${JSON.stringify(name)}; see --help`);
  });

  test.each([
    ['--insecure-lisen', 'insecure-listen'],
    ['--insecure_listen=:1', 'insecure-listen'],
    ['--Max-Phones', 'max-phones'],
    ['-max-phone', 'max-phones'],
    ['--verison', 'version'],
  ])('that are near another are refused with it: %s', (flag, meant) => {
    expect(errorOf(() => configOf([flag, '5']))).toContain(`" (did you mean --${meant}?); see --help`);
  });

  test.each(['--max-phonesxyz', '-x', '-hp', `--${'max-phones'.repeat(10_000)}`])(
    'that are near no other are refused without one: %.20s',
    (flag) => expect(errorOf(() => configOf([flag]))).not.toContain('did you mean'),
  );

  test.each([
    ['--proxy-protocol', 'true'],
    ['-proxy-protocol', '0'],
  ])('without a value are told that they take no separate one: %s %s', (flag, value) => {
    expect(errorOf(() => configOf([flag, value]))).toBe(
      '--proxy-protocol takes no separate value: --proxy-protocol or --proxy-protocol=false',
    );
  });

  test.each([[['run']], [['--', '--help']], [['--log-level', 'warn', 'more']]])(
    'are the only arguments accepted: %j',
    (args) => {
      expect(errorOf(() => configOf(args))).toMatch(/^unexpected argument ".+": .*--help/);
    },
  );

  test('take the next argument as their value even if it looks like a flag', () => {
    expect(errorOf(() => configOf(['--max-phones', '--grace']))).toContain('not "--grace"');
  });

  test('are given once', () => {
    expect(errorOf(() => configOf(['--max-phones', '1', '--max-phones=2']))).toBe(
      '--max-phones is given twice',
    );
  });

  test('have one dash or two, as in Go', () => {
    expect(configOf(['-max-phones', '5']).maxPhones).toBe(5);
    expect(configOf(['-max-phones=5']).maxPhones).toBe(5);
    expect(readCommand(['-help'], {})).toEqual({ kind: 'help' });
    expect(readCommand(['-version'], {})).toEqual({ kind: 'version' });
  });

  test.each(['--help', '--version'])('that stand alone take no value: %s', (flag) => {
    expect(errorOf(() => readCommand([`${flag}=yes`], {}))).toBe(`${flag} takes no value`);
  });

  test('for help and version win over any error in the others', () => {
    expect(readCommand(['--help'], {})).toEqual({ kind: 'help' });
    expect(readCommand(['-h'], {})).toEqual({ kind: 'help' });
    expect(readCommand(['-v'], {})).toEqual({ kind: 'version' });
    expect(readCommand(['--version'], { PYRYCODE_RELAY_MAX_PHONES: 'x' })).toEqual({ kind: 'version' });
  });
});

describe('metrics', () => {
  test('are off if their address is empty', () => {
    expect(configOf(['--metrics-listen=']).metricsListen).toBeNull();
    expect(configOf(['--metrics-listen', '']).metricsListen).toBeNull();
    expect(configOf([], { PYRYCODE_RELAY_METRICS_LISTEN: '' }).metricsListen).toBeNull();
  });

  test('are on if a flag overrides the empty variable', () => {
    const config = configOf(['--metrics-listen=127.0.0.1:1'], { PYRYCODE_RELAY_METRICS_LISTEN: '' });
    expect(config.metricsListen).toEqual({ host: '127.0.0.1', port: 1 });
  });
});

describe('a phone backlog that cannot hold the longest frame', () => {
  const SAID =
    '--phone-backlog-bytes 4MiB cannot hold one frame of --max-frame-bytes 8MiB: ' +
    'raise the backlog to at least 8388672B or lower the frame to at most 4194240B';

  test('is refused, whichever of the two was given and how', () => {
    expect(errorOf(() => configOf(['--max-frame-bytes', '8MiB']))).toBe(SAID);
    expect(errorOf(() => completeConfig({ maxFrameBytes: 8_388_608 }))).toBe(SAID);
    expect(errorOf(() => configOf(['--phone-backlog-bytes', '1KiB']))).toBe(
      '--phone-backlog-bytes 1KiB cannot hold one frame of --max-frame-bytes 256KiB: ' +
        'raise the backlog to at least 262208B or lower the frame to at most 960B',
    );
  });

  test('is named by where it was set', () => {
    expect(
      errorOf(() => configOf(['--max-frame-bytes=8MiB'], { PYRYCODE_RELAY_PHONE_BACKLOG_BYTES: '4MiB' })),
    ).toMatch(/^PYRYCODE_RELAY_PHONE_BACKLOG_BYTES 4MiB cannot hold one frame of --max-frame-bytes 8MiB: /);
    expect(errorOf(() => configOf([], { PYRYCODE_RELAY_MAX_FRAME_BYTES: '8MiB' }))).toMatch(
      /^--phone-backlog-bytes 4MiB cannot hold one frame of PYRYCODE_RELAY_MAX_FRAME_BYTES 8MiB: /,
    );
  });

  test('is taken from the byte on with which it can', () => {
    expect(configOf(['--max-frame-bytes=8MiB', '--phone-backlog-bytes=8388672']).maxFrameBytes).toBe(
      8_388_608,
    );
    expect(configOf(['--max-frame-bytes=4194240']).maxFrameBytes).toBe(4_194_240);
    expect(errorOf(() => configOf(['--max-frame-bytes=4194241']))).toContain('at most 4194240B');
  });
});

test('a password in a URL is not shown', () => {
  const said = errorOf(() => configOf(['--acme-directory', 'https://user:pass@acme.example/dir']));
  expect(said).toContain('not one with a password');
  expect(said).not.toContain('pass@');
});

describe('settings that do not go together', () => {
  test('are named both: whom to believe', () => {
    const command = readCommand([...LISTEN, '--trust-x-forwarded-for', '--trusted-proxy', 'loopback'], {});
    if (command.kind !== 'run') throw new Error(`expected to run, got ${command.kind}`);
    expect(errorOf(() => checkCombinations(command.given))).toBe(
      '--trust-x-forwarded-for does not go with --trusted-proxy: it believes anyone, and not only these proxies',
    );
  });

  test('are named both: shares of more than all connections', () => {
    expect(errorOf(() => completeConfig({ reservedBinaries: 60, reservedPhones: 41 }))).toBe(
      '--reserved-binaries 60 and --reserved-phones 41 are more than 100 per cent together',
    );
    expect(completeConfig({ reservedBinaries: 60, reservedPhones: 40 }).reservedPhones).toBe(40);
  });
});

test('unknown variables are ignored, with or without our prefix', () => {
  const env = {
    MAX_PHONES: '1',
    PATH: '/',
  };
  expect(configOf([], env)).toEqual(configOf([]));
});

test('an error is one short line for any input', () => {
  const message = errorOf(() => configOf([`--max-phones=${'\n\u001b[31m'.repeat(1_000)}`]));
  expect(message).not.toContain('\n');
  expect(message).not.toContain('\u001b');
  expect(message.length).toBeLessThan(600);
});

describe('the options of an embedding program', () => {
  /** Accepts any object, as an untyped program may pass. */
  const complete = (options: object): Config => completeConfig(options);

  test('default where they are absent', () => {
    expect(completeConfig({})).toEqual(DEFAULTS);
    expect(completeConfig({ maxPhones: 0, metricsListen: null })).toEqual({
      ...DEFAULTS,
      maxPhones: 0,
      metricsListen: null,
    });
  });

  test('have their defaults when they are undefined', () => {
    expect(complete(Object.fromEntries(settingNames.map((name) => [name, undefined])))).toEqual(DEFAULTS);
  });

  test('are copied: an address that is changed later, or has more in it, changes nothing', () => {
    const address = { host: '127.0.0.1', port: 1, path: '/' };
    const { insecureListen } = completeConfig({ insecureListen: address });
    address.port = 2;
    expect(insecureListen).toEqual({ host: '127.0.0.1', port: 1 });
  });

  test.each(['maxPhone', 'max-phones', 'constructor', ''])('are refused if unknown: %j', (name) => {
    const message = errorOf(() => complete({ [name]: 1 }));
    expect(message).toContain(`unknown option ${name}`);
    expect(message).toContain(settingNames.join(', '));
  });

  test.each<[keyof Config, unknown]>([
    ['maxPhones', -1],
    ['maxPhones', '16'],
    ['maxPhones', 1.5],
    ['maxPhones', Number.POSITIVE_INFINITY],
    ['maxPhones', null],
    ['graceMs', 0],
    ['graceMs', Number.NaN],
    ['drainDeadlineMs', 86_400_001],
    ['maxFrameBytes', 0],
    ['phoneBacklogBytes', 2 ** 31],
    ['insecureListen', { host: 'a', port: 65_536 }],
    ['insecureListen', { port: 1 }],
    ['insecureListen', { host: 'a' }],
    ['insecureListen', { host: 'a', port: '1' }],
    ['insecureListen', { host: ['a'], port: 1 }],
    ['insecureListen', '127.0.0.1:1'],
    ['insecureListen', false],
    ['metricsListen', { host: 'localhost', port: 1 }],
    ['metricsListen', { host: '', port: 1 }],
    ['metricsListen', { host: '::1%lo', port: 1 }],
    ['logLevel', 'debug'],
    ['logLevel', null],
    ['logFormat', 'text'],
  ])('are refused if out of range or of the wrong type: %s as %j', (name, value) => {
    expect(errorOf(() => complete({ [name]: value }))).toBe(
      `option ${name} is out of range or of the wrong type: --${settings[name].flag} takes ${settings[name].takes}`,
    );
  });
});

test('an error shows what a terminal would obey', () => {
  const hidden = '\u007f\u009b\u202e';
  for (const args of [[`--${hidden}`], ['--max-phones', hidden], [hidden]])
    expect(() => readCommand(args, {})).toThrow(/\\u007f\\u009b\\u202e/);
});
