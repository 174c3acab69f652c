/** `--domain`: the real daemon, with certificates from a real ACME server. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { installCopy } from '../support/installed-copy.ts';
import { freePort, type Pebble, pebbleMissing, startPebble } from '../support/pebble.ts';
import { RelayProcess, runMain } from '../support/relay-process.ts';

const NAME = 'relay.example.com';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'domain-'));
  ends.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

interface Setting {
  readonly pebble: Pebble;
  readonly args: readonly string[];
  readonly httpPort: number;
}

const prepare = async (): Promise<Setting> => {
  const httpPort = await freePort();
  const pebble = await startPebble({ httpPort });
  ends.push(() => pebble.stop());
  const cache = join(folder(), 'certs');
  const args = ['--domain', NAME, '--http-listen', `127.0.0.1:${httpPort}`, '--cert-cache', cache];
  return { pebble, httpPort, args: [...args, '--acme-directory', pebble.directoryUrl] };
};

const start = async ({ pebble, args }: Setting): Promise<RelayProcess> => {
  const relay = await RelayProcess.start(args, { NODE_EXTRA_CA_CERTS: pebble.caFile });
  ends.push(() => relay.kill());
  return relay;
};

/** The status of an answer over TLS, and the names in the certificate that came with it. */
const ask = async (relay: RelayProcess, host: string): Promise<[number | undefined, string | undefined]> =>
  await new Promise((resolve, reject) => {
    const { hostname, port } = new URL(relay.url);
    const options = { hostname, port, path: '/healthz', servername: NAME, rejectUnauthorized: false };
    // A session of its own: a resumed one has no certificate.
    const asked = request({ ...options, agent: false, headers: { host } }, (response) => {
      const names = 'getPeerCertificate' in response.socket ? namesIn(response.socket) : undefined;
      resolve([response.statusCode, names]);
      response.resume();
    });
    asked.on('error', reject).end();
  });

const namesIn = (socket: unknown): string | undefined =>
  (socket as { getPeerCertificate: () => { subjectaltname?: string } }).getPeerCertificate().subjectaltname; // A TLSSocket, since it has the method.

const series = async (relay: RelayProcess, name: string): Promise<string | undefined> =>
  (await relay.scrape()).split('\n').find((line) => line.startsWith(`pyrycode_relay_${name}`));

describe(`--domain${pebbleMissing}`, { skip: pebbleMissing !== '' }, () => {
  test('orders a certificate, serves wss:// with it, and has it after a restart', async () => {
    const setting = await prepare();
    const relay = await start(setting);
    const { names, expires } = await relay.logged('certificate_issued');
    expect(names).toBe(NAME);
    expect(await ask(relay, NAME)).toStrictEqual([200, `DNS:${NAME}`]);
    expect(await ask(relay, 'other.example.com')).toStrictEqual([421, `DNS:${NAME}`]);
    const socket = new WebSocket(`${relay.url}/v1/server`, {
      rejectUnauthorized: false,
      headers: {
        host: NAME,
        'x-pyrycode-server': 's-1',
        'x-pyrycode-version': '1',
        'user-agent': 'x',
      },
    });
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    socket.close();
    expect(await series(relay, 'acme_orders_total{outcome="issued"}')).toMatch(/ 1$/);
    const expiry = await series(relay, 'certificate_expiry_timestamp_seconds');
    expect(Number(expiry?.split(' ')[1])).toBe(Date.parse(String(expires)) / 1_000);
    expect((await fetch(`http://127.0.0.1:${setting.httpPort}/healthz`)).status).toBe(404);
    expect(await relay.stop()).toBe(0);
    expect(relay.output).not.toContain('BEGIN');

    const second = await start(setting);
    expect(await ask(second, NAME)).toStrictEqual([200, `DNS:${NAME}`]);
    expect([second.count('certificate_loaded'), setting.pebble.issuedCount()]).toStrictEqual([1, 1]);
    expect(await second.stop()).toBe(0);
  });

  test('serves while the ACME server is down, and refuses handshakes', async () => {
    const setting = await prepare();
    await setting.pebble.stop();
    ends.shift();
    const relay = await start(setting);
    const failed = await relay.logged('certificate_order_failed');
    expect(failed).toMatchObject({ level: 'warn', names: NAME, err: 'no answer: ECONNREFUSED' });
    expect(String(failed['retry'])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await expect(ask(relay, NAME)).rejects.toThrow();
    expect(await series(relay, 'tls_handshake_failures_total{kind="no_certificate"}')).toMatch(/ 1$/);
    expect(await series(relay, 'acme_orders_total{outcome="unavailable"}')).toMatch(/ [1-9]\d*$/);
    expect(await relay.stop()).toBe(0);
  });
});

describe('a start that cannot order exits 2 before anything listens', () => {
  const DOMAIN = ['--domain', NAME, '--metrics-listen', ''];

  test('because the cache is no folder', async () => {
    const path = join(folder(), 'file');
    writeFileSync(path, '');
    const { code, stderr, stdout } = await runMain([...DOMAIN, '--cert-cache', path]);
    expect([code, stderr, stdout]).toStrictEqual([
      2,
      `pyrycode-relay: --cert-cache ${path}: not a folder\n`,
      '',
    ]);
  });

  test('because acme-client is not installed', async () => {
    const copy = installCopy(['dist']);
    ends.push(() => copy.dispose());
    const packages = join(copy.dir, 'node_modules');
    const from = new URL('../../node_modules/', import.meta.url).pathname;
    rmSync(packages);
    mkdirSync(packages);
    for (const name of readdirSync(from))
      if (name !== 'acme-client') symlinkSync(join(from, name), join(packages, name));
    const cache = join(folder(), 'certs');
    const { code, stderr } = await runMain([...DOMAIN, '--cert-cache', cache], {}, undefined, copy.main);
    expect(code).toBe(2);
    expect(stderr).toContain('--domain needs the optional package acme-client');
    expect(() => statSync(cache)).toThrow('ENOENT');
  });
});
