/** Push through the real daemon, to a fake FCM on loopback. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeFcm, fcmError, startFakeFcm } from '../../scripts/demo/fake-fcm.js';
import { makeKeys } from '../../scripts/demo/service-account.js';
import { WAKE_BURST } from '../../src/push/limits.ts';
import { Peers } from '../support/peer.ts';
import { RelayProcess, runMain } from '../support/relay-process.ts';
import { wakeText } from '../support/scripted-push.ts';

const KEYS = makeKeys();

let fake: FakeFcm;
let folder: string;
let relay: RelayProcess | undefined;
const peers = new Peers(() => relay?.url ?? '');
beforeEach(async () => {
  fake = await startFakeFcm('demo-project', KEYS);
  folder = mkdtempSync(join(tmpdir(), 'relay-push-'));
});
afterEach(async () => {
  peers.dispose();
  relay?.kill();
  relay = undefined;
  await fake.stop();
  rmSync(folder, { recursive: true });
});

const keyFile = (): string => join(folder, 'key.json');
const writeKey = (text = fake.credentials): void => writeFileSync(keyFile(), text);

const start = async (...more: readonly string[]): Promise<RelayProcess> => {
  writeKey();
  relay = await RelayProcess.start([
    ...['--fcm-credentials', keyFile(), '--fcm-endpoint', fake.url],
    ...more,
  ]);
  return relay;
};

/** At most as many as one server-id has at once. */
const ask = async (...tokens: readonly string[]): Promise<void> => {
  const binary = await peers.binary(peers.serverId());
  for (const token of tokens) binary.send(wakeText(token));
};

const outcomesOf = async (running: RelayProcess): Promise<Record<string, number>> => {
  const cells = (await running.scrape()).matchAll(
    /^pyrycode_relay_push_wakes_total\{outcome="(\w+)"\} (\d+)$/gm,
  );
  return Object.fromEntries(
    [...cells].map(([, outcome = '', count]) => [outcome, Number(count)] as const).filter(([, n]) => n > 0),
  );
};

const hang = (): void => {};
const untilSent = async (count: number): Promise<void> => {
  while (fake.sendRequests < count)
    await new Promise<void>((resolve) => {
      fake.onRequest = () => resolve();
    });
};

test('a hundred wakes fetch one bearer token, and have one line and one count each', async () => {
  const running = await start('--push-per-second', '0');
  const tokens = Array.from({ length: 100 }, (_, n) => `token-${n}`);
  for (let n = 0; n < tokens.length; n += WAKE_BURST) {
    const some = tokens.slice(n, n + WAKE_BURST);
    await ask(...some);
    for (const _ of some) await running.logged('push_wake_sent');
  }
  expect(fake.tokenRequests).toBe(1);
  expect(fake.woken.toSorted()).toStrictEqual(tokens.toSorted());
  expect(running.count('push_wake_sent')).toBe(100);
  expect(await outcomesOf(running)).toStrictEqual({ sent: 100 });
  expect(running.count('push off')).toBe(0);
});

test('the key may be in the environment, as in the Go relay', async () => {
  relay = await RelayProcess.start(['--fcm-endpoint', fake.url], {
    PYRYCODE_RELAY_FCM_CREDENTIALS: fake.credentials,
  });
  await ask('t');
  await relay.logged('push_wake_sent');
  expect(fake.woken).toStrictEqual(['t']);
});

test.each([
  [
    'unregistered',
    fcmError(404, 'NOT_FOUND', 'UNREGISTERED'),
    'unregistered',
    'status 404 (NOT_FOUND, UNREGISTERED)',
  ],
  [
    'a refusal',
    fcmError(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'),
    'send_failed',
    'status 400 (INVALID_ARGUMENT, INVALID_ARGUMENT)',
  ],
] as const)('%s', async (_, script, outcome, err) => {
  const running = await start();
  fake.sendScripts.push(script);
  await ask('t');
  expect(await running.logged('push_wake_send_failed')).toMatchObject({ err });
  expect(await outcomesOf(running)).toStrictEqual({ [outcome]: 1 });
});

test('a bearer token that is refused is fetched anew, and a busy FCM is called once more', async () => {
  const running = await start();
  await ask('t1');
  await running.logged('push_wake_sent');
  fake.bearers.clear();
  await ask('t2');
  await running.logged('push_wake_sent');
  expect(fake.tokenRequests).toBe(2);
  fake.sendScripts.push({ ...fcmError(503, 'UNAVAILABLE', 'UNAVAILABLE'), headers: { 'retry-after': '0' } });
  await ask('t3');
  await running.logged('push_wake_sent');
  expect(fake.woken).toStrictEqual(['t1', 't2', 't3']);
});

test('a key that is refused fails its wakes, and is not tried for each', async () => {
  const running = await start();
  fake.rotateKey();
  await ask('t1', 't2', 't3');
  for (let n = 0; n < 3; n++)
    expect((await running.logged('push_wake_send_failed'))['err']).toMatch(/^token fetch: /);
  expect(fake.tokenRequests).toBe(1);
  expect(await outcomesOf(running)).toStrictEqual({ token_fetch_failed: 3 });
});

describe('a reload', () => {
  const reload = async (running: RelayProcess): Promise<Record<string, unknown>> => {
    running.child.kill('SIGHUP');
    for (;;) {
      const line = await running.next();
      if (line['msg'] === 'reloaded' || line['msg'] === 'reload refused') return line;
    }
  };

  test('takes another key, and one that is the same changes nothing', async () => {
    const running = await start();
    expect(await reload(running)).toMatchObject({ msg: 'reloaded', changed: 'nothing' });
    await ask('t1');
    await running.logged('push_wake_sent');
    fake.rotateKey();
    fake.bearers.clear();
    writeKey();
    expect(await reload(running)).toMatchObject({
      changed: 'the credentials of push, or where wakes are sent',
      needs_restart: 'nothing',
    });
    await ask('t2');
    await running.logged('push_wake_sent');
    expect(fake.faults).toStrictEqual([]);
  });

  test.each([
    ['project', 'fcm-project = "another-project"', '/v1/projects/another-project/messages:send'],
    ['endpoint', '', '/proxy/v1/projects/demo-project/messages:send'],
  ])('takes another %s with the same key', async (what, line, path) => {
    writeKey();
    const config = join(folder, 'relay.toml');
    const write = (endpoint: string, more: string): void =>
      writeFileSync(
        config,
        `fcm-credentials = ${JSON.stringify(keyFile())}\nfcm-endpoint = "${endpoint}"\n${more}`,
      );
    write(fake.url, '');
    const running = await RelayProcess.start(['--config', config]);
    relay = running;
    write(what === 'endpoint' ? `${fake.url}/proxy` : fake.url, line);
    expect(await reload(running)).toMatchObject({
      changed: 'the credentials of push, or where wakes are sent',
    });
    await ask('t');
    await running.logged('push_wake_send_failed');
    expect(fake.paths.at(-1)).toBe(path);
  });

  test('with a file that cannot be used keeps the key, and does not quote it', async () => {
    const running = await start();
    writeKey('{"private_key":"SECRET"}');
    expect(await reload(running)).toMatchObject({ msg: 'reload refused', level: 'error' });
    expect(running.output).not.toContain('SECRET');
    await ask('t');
    await running.logged('push_wake_sent');
  });

  test.each([
    ['base64', (json: string) => Buffer.from(json).toString('base64')],
    ['a list', (json: string) => `[${json}]`],
    ['PEM', (json: string) => String((JSON.parse(json) as { private_key: unknown }).private_key)],
  ])('with the key, as %s, where its file is due is refused, and shows nothing of it', async (_, form) => {
    const key = form(fake.credentials);
    const config = join(folder, 'relay.toml');
    writeFileSync(config, '');
    const running = await RelayProcess.start(['--config', config]);
    relay = running;
    writeFileSync(config, `fcm-credentials = ${JSON.stringify(key)}\n`);
    expect(await reload(running)).toMatchObject({ msg: 'reload refused', level: 'error' });
    const exits = await Promise.all(
      ['check-config', 'print-config'].map(
        async (command) => await runMain([command, '--insecure-listen', ':1', `--fcm-credentials=${key}`]),
      ),
    );
    expect(exits.map(({ code }) => code)).toStrictEqual([2, 2]);
    const shown = running.output + JSON.stringify(exits);
    for (let n = 0; n < key.length - 16; n += 16) expect(shown).not.toContain(key.slice(n, n + 16));
  });

  test('switches push off and on', async () => {
    writeKey();
    const config = join(folder, 'relay.toml');
    const on = `fcm-credentials = ${JSON.stringify(keyFile())}\nfcm-endpoint = "${fake.url}"\n`;
    writeFileSync(config, '');
    const running = await RelayProcess.start(['--config', config]);
    relay = running;
    expect(running.count('push off')).toBe(1);
    writeFileSync(config, on);
    expect(await reload(running)).toMatchObject({ changed: 'push is on' });
    await ask('t1');
    await running.logged('push_wake_sent');
    writeFileSync(config, '');
    expect(await reload(running)).toMatchObject({ changed: 'push is off' });
    await ask('t2');
    expect(await running.logged('binary_forwarder_push_wake_dropped')).toMatchObject({ err: 'push off' });
  });
});

test('a shutdown cancels what is in flight, and a new start wakes again', async () => {
  const running = await start();
  fake.sendScripts.push(hang, hang);
  await ask('t1', 't2');
  await untilSent(2);
  expect(await running.stop()).toBe(0);
  const failed = running.lines.filter(({ msg }) => msg === 'push_wake_send_failed');
  expect(failed.map(({ err }) => err)).toStrictEqual(['cancelled', 'cancelled']);
  const again = await start();
  await ask('t1');
  await again.logged('push_wake_sent');
  expect(fake.woken).toStrictEqual(['t1']);
});

test('a shutdown while a bearer token is fetched does not wait for it', async () => {
  const running = await start();
  fake.tokenScripts.push(hang);
  const asked = new Promise<void>((resolve) => {
    fake.onRequest = () => resolve();
  });
  await ask('t');
  await asked;
  expect(await running.stop()).toBe(0);
  expect(running.lines.filter(({ msg }) => msg === 'push_wake_send_failed')).toMatchObject([
    { err: 'cancelled' },
  ]);
});

describe('a key that cannot be used', () => {
  test.each([
    ['', 'not a JSON object'],
    ['SECRET', 'not a JSON object'],
    ['{"type":"SECRET"}', '"type" is not "service_account": take the key of a service account'],
  ])('exits 2 before anything listens, and is not quoted: %j', async (json, problem) => {
    for (const command of [[], ['check-config']]) {
      const env = { PYRYCODE_RELAY_FCM_CREDENTIALS: json };
      const exit = await runMain([...command, '--insecure-listen', '127.0.0.1:0'], env);
      expect(exit).toMatchObject({
        code: 2,
        stderr: `pyrycode-relay: PYRYCODE_RELAY_FCM_CREDENTIALS: ${problem}\n`,
      });
      expect(exit.stdout).not.toContain('SECRET');
    }
  });
});

test('neither a push token, nor the key, nor a bearer token is in anything that the relay writes or serves', async () => {
  const running = await start('--inspect-listen', '127.0.0.1:0');
  const inspectUrl = `http://${String((await running.logged('starting inspect listener'))['listen'])}`;
  const serverId = peers.serverId();
  const page = await fetch(`${inspectUrl}/events?server=${serverId}`);
  const overview = await fetch(`${inspectUrl}/events`);
  const seen: string[] = [];
  const watch = async (response: Response): Promise<void> => {
    for await (const chunk of response.body ?? []) seen.push(Buffer.from(chunk).toString());
  };
  const watched = Promise.all([watch(page), watch(overview)]);
  const token = 'PUSH-TOKEN-3f9a';
  const binary = await peers.binary(serverId);
  fake.sendScripts.push(
    { status: 500, body: `{"error":{"message":"${token}","status":"${token}"}}` },
    { ...fcmError(404, 'NOT_FOUND', 'UNREGISTERED') },
  );
  for (let n = 0; n < WAKE_BURST; n++) {
    binary.send(wakeText(`${token}-${n}`));
  }
  binary.send(`{"push_wake":{"platform":"${token}","token":"${token}"}}`);
  binary.send(`{"push_wake":"${token}"}`);
  for (let n = 0; n < WAKE_BURST - 1; n++) await running.logged('push_wake_sent');
  const scrape = await running.scrape();
  const recording = await (await fetch(`${inspectUrl}/recording?keep-ids=1`)).text();
  const args = ['--insecure-listen', ':1', '--fcm-endpoint', fake.url];
  const env = { PYRYCODE_RELAY_FCM_CREDENTIALS: fake.credentials };
  const printed = await Promise.all(
    ['toml', 'json'].map(async (format) => await runMain(['print-config', '--format', format, ...args], env)),
  );
  const checked = await runMain(['check-config', ...args], env);
  expect(checked.code).toBe(0);
  expect(await running.stop()).toBe(0);
  await watched;
  expect(fake.woken.length).toBeGreaterThan(0);
  expect(seen.join('')).toContain('"overview"');
  const all = [running.output, scrape, recording, ...seen, ...printed, checked]
    .map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
    .join('\n');
  const { private_key: pem } = JSON.parse(fake.credentials) as { private_key: string };
  const [, firstLine = ''] = pem.split('\n');
  expect(firstLine.length).toBeGreaterThan(40);
  for (const secret of [token, 'fake-bearer-', firstLine, 'PRIVATE KEY', 'eyJ'])
    expect(all).not.toContain(secret);
});
