/** What the log says of the cache of certificates, and of orders that wait. No ACME server is needed: there is none. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logObservation } from '../../src/observe/log.ts';
import { openAcmeCertificates } from '../../src/transport/acme/acme-certificates.ts';
import { CertificateCache } from '../../src/transport/acme/certificate-cache.ts';
import { ChallengeAnswers } from '../../src/transport/acme/challenge-answers.ts';
import { DrivenTimers } from '../support/driven-timers.ts';
import { Inbox } from '../support/inbox.ts';
import { freePort } from '../support/pebble.ts';
import { TestRelay } from '../support/relay.ts';

const NAME = 'relay.example.com';
const UTC = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const LOOPBACK = { host: '127.0.0.1', port: 0 };

let folder: string;
let relay: TestRelay | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificate-lines-'));
});
afterEach(async () => {
  await relay?.dispose();
  relay = undefined;
  rmSync(folder, { recursive: true, force: true });
});

test('a cache that is open to others, a file in it that is broken, and an order that waits for its time', async () => {
  const certCache = join(folder, 'certs');
  const acmeDirectory = `https://127.0.0.1:${await freePort()}/directory`;
  const start = async (): Promise<TestRelay> => {
    const listeners = { httpsListen: LOOPBACK, httpListen: LOOPBACK };
    relay = await TestRelay.start({ ...listeners, domains: [NAME], certCache, acmeDirectory });
    return relay;
  };
  mkdirSync(certCache);
  chmodSync(certCache, 0o755);
  const first = await start();
  expect(await first.logged('tightened cert cache dir perms')).toEqual({
    event: 'tightened cert cache dir perms',
    level: 'info',
    fields: { path: certCache, from: '0755', to: '0700' },
  });
  const failed = await first.logged('certificate_order_failed');
  await first.dispose();

  const account = join(certCache, readdirSync(certCache).find((file) => file.startsWith('account-')) ?? '');
  const second = await start();
  expect(await second.logged('certificate_order_waits')).toEqual({
    event: 'certificate_order_waits',
    level: 'warn',
    fields: { names: NAME, retry: failed.fields['retry'] },
  });
  expect(failed.fields['retry']).toEqual(UTC);
  expect(second.events('tightened cert cache dir perms')).toEqual([]);
  await second.dispose();

  rmSync(join(certCache, readdirSync(certCache).find((file) => file.endsWith('.attempts.json')) ?? ''));
  writeFileSync(account, 'broken');
  const third = await start();
  expect(await third.logged('cert_cache_file_set_aside')).toEqual({
    event: 'cert_cache_file_set_aside',
    level: 'warn',
    fields: { path: account, err: expect.any(String) },
  });
  expect(readdirSync(certCache)).toContain(`${account.slice(certCache.length + 1)}.set-aside`);
});

/** A certificate for this key, signed by itself, as an ACME server would issue it. */
const issue = (keyPem: string): string => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  writeFileSync(key, keyPem);
  const subject = ['-subj', '/CN=x', '-addext', `subjectAltName=DNS:${NAME}`];
  execFileSync('openssl', ['req', '-x509', '-key', key, '-days', '9', ...subject, '-out', cert], {
    stdio: 'ignore',
  });
  return readFileSync(cert, 'utf8');
};

test('a certificate that could not be written to the cache is used, and an error says so', async () => {
  const lines = new Inbox<unknown>('the log');
  const take = (level: string) => (fields: object, event: string) => lines.push({ level, event, ...fields });
  const sink = { info: take('info'), warn: take('warn'), error: take('error') };
  const directoryUrl = 'https://acme.example.com/directory';
  const names = [NAME];
  const cache = new CertificateCache({
    folder,
    directoryUrl,
    names,
    write: async (path) => {
      if (/example\.com-\w+\.pem$/.test(path)) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    },
    setAside: () => {},
  });
  const timers = new DrivenTimers();
  const certificates = await openAcmeCertificates({
    directoryUrl,
    email: null,
    names,
    cache,
    answers: new ChallengeAnswers(),
    placeOrder: async ({ certificateKeyPem }) => issue(certificateKeyPem),
    timers,
    report: (news) => logObservation(sink, news),
    nowMs: () => timers.nowMs,
    spread: () => 0,
  });
  certificates.start();
  timers.advance(1);
  expect(await lines.next()).toEqual({
    level: 'error',
    event: 'certificate_not_kept',
    names: NAME,
    err: 'Error ENOSPC',
  });
  expect(await lines.next()).toMatchObject({ event: 'certificate_issued', names: NAME });
  expect(certificates.current()).toBeDefined();
  certificates.end();
});
