/** Certificates from a real ACME server, which validates over the challenge listener. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { globalAgent } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { writeResult } from '../../src/config/result-file.ts';
import { CERTIFICATE_ORDER_TIMEOUT_MS } from '../../src/protocol/tls-limits.ts';
import { type AcmeCertificates, openAcmeCertificates } from '../../src/transport/acme/acme-certificates.ts';
import { loadAcmeClient } from '../../src/transport/acme/acme-client.ts';
import type { AcmeNews } from '../../src/transport/acme/acme-news.ts';
import { openCacheFolder } from '../../src/transport/acme/cache-folder.ts';
import { CertificateCache } from '../../src/transport/acme/certificate-cache.ts';
import { ChallengeAnswers } from '../../src/transport/acme/challenge-answers.ts';
import { createChallengeListener } from '../../src/transport/acme/challenge-listener.ts';
import { DrivenTimers } from '../support/driven-timers.ts';
import { Inbox } from '../support/inbox.ts';
import { freePort, type Pebble, pebbleMissing, startPebble } from '../support/pebble.ts';

const NAMES = ['relay.example.com', 'www.relay.example.com'];
const SECOND_MS = 1_000;
const DAY_MS = 24 * 3600 * SECOND_MS;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const end of ends.splice(0).reverse()) await end();
});

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'acme-'));
  ends.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

const pebble = async (options: Parameters<typeof startPebble>[0]): Promise<Pebble> => {
  const started = await startPebble(options);
  ends.push(() => started.stop());
  // What NODE_EXTRA_CA_CERTS does for a process.
  globalAgent.options.ca = started.caPem;
  return started;
};

interface Source {
  readonly source: AcmeCertificates;
  readonly timers: DrivenTimers;
  readonly reports: Inbox<AcmeNews>;
  readonly setAside: string[];
  readonly end: () => Promise<void>;
}

interface SourceOptions {
  readonly directoryUrl: string;
  readonly httpPort: number;
  readonly cache: string;
  readonly names?: readonly string[];
}

/** The source and its challenge listener, as the relay has them. */
const openSource = async (options: SourceOptions): Promise<Source> => {
  const { directoryUrl, httpPort, names = NAMES } = options;
  await openCacheFolder(options.cache, writeResult);
  const setAside: string[] = [];
  const cache = new CertificateCache({
    folder: options.cache,
    directoryUrl,
    names,
    write: writeResult,
    setAside: (path, err) => setAside.push(`${path} ${err}`),
  });
  const answers = new ChallengeAnswers();
  const listener = createChallengeListener(answers, { onRefused: () => {}, contain: (act) => (act(), true) });
  listener.listen(httpPort, '127.0.0.1');
  await once(listener, 'listening');
  const timers = new DrivenTimers();
  const reports = new Inbox<AcmeNews>('the reports');
  const source = await openAcmeCertificates({
    directoryUrl,
    email: 'operator@example.com',
    names,
    cache,
    answers,
    placeOrder: await loadAcmeClient(),
    timers,
    report: (seen) => reports.push(seen),
    nowMs: () => timers.nowMs,
    spread: () => 0.5,
  });
  const end = async (): Promise<void> => {
    source.end();
    if (listener.listening) await new Promise((resolve) => listener.close(resolve));
  };
  ends.push(end);
  return { source, timers, reports, setAside, end };
};

/** The names in the certificate that a TLS server shows with this source; undefined if it refuses the handshake. */
const handshake = async ({ source }: Source): Promise<string | undefined> => {
  const server = createServer({
    SNICallback: (_, use) => use(null, source.current()?.context),
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const socket = connect({ port, host: '127.0.0.1', servername: NAMES[0], rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate().subjectaltname;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
    server.close();
  }
};

const issued = async ({ reports }: Source): Promise<void> => {
  expect(await reports.next()).toMatchObject({ type: 'certificate.issued', names: NAMES });
};

const failedWith = async ({ reports }: Source, kind: string, err: string, waitMs: number): Promise<void> => {
  const seen = await reports.next();
  expect(seen).toMatchObject({ type: 'certificate.order_failed', names: NAMES, kind, err });
  // A half of the tenth that the spread adds.
  const planned = 'retryAtMs' in seen ? seen.retryAtMs : 0;
  expect(planned - Date.now()).toBeLessThanOrEqual(waitMs * 1.05);
  expect(planned - Date.now()).toBeGreaterThan(waitMs * 1.05 - 30_000);
};

describe(`an ACME server${pebbleMissing}`, { skip: pebbleMissing !== '' }, () => {
  test('issues the first certificate, and handshakes are refused until then', async () => {
    const httpPort = await freePort();
    const { directoryUrl, issuedCount } = await pebble({ httpPort });
    const opened = await openSource({ directoryUrl, httpPort, cache: folder() });
    expect(await handshake(opened)).toBeUndefined();
    opened.source.start();
    await issued(opened);
    expect(await handshake(opened)).toBe(NAMES.map((name) => `DNS:${name}`).join(', '));
    expect([issuedCount(), opened.setAside]).toStrictEqual([1, []]);
  });

  test('is not asked again after a restart: the cache has the certificate', async () => {
    const [httpPort, secondPort, cache] = [await freePort(), await freePort(), folder()];
    const { directoryUrl, issuedCount } = await pebble({ httpPort });
    const first = await openSource({ directoryUrl, httpPort, cache });
    first.source.start();
    await issued(first);
    first.source.end();
    const second = await openSource({ directoryUrl, httpPort: secondPort, cache });
    expect(await handshake(second)).toBe(await handshake(first));
    second.source.start();
    second.timers.advance(DAY_MS);
    expect([issuedCount(), second.reports.size, second.timers.armed]).toStrictEqual([1, 0, 1]);
  });

  test('renews when a third of the lifetime is left, while the old certificate serves', async () => {
    const httpPort = await freePort();
    const { directoryUrl, issuedCount } = await pebble({ httpPort });
    const opened = await openSource({ directoryUrl, httpPort, cache: folder() });
    const { source, timers } = opened;
    source.start();
    await issued(opened);
    const first = source.current();
    timers.advance(58 * DAY_MS);
    expect([issuedCount(), timers.armed]).toStrictEqual([1, 1]);
    // The spread is half of three days. The order may take five minutes.
    timers.advance(DAY_MS / 2 + 60 * SECOND_MS);
    expect(source.current()).toBe(first);
    await issued(opened);
    expect(source.current()).not.toBe(first);
    expect(issuedCount()).toBe(2);
    // The server's clock has not moved, so the new certificate seems to be as old: it must not be ordered in a loop.
    timers.advance(29 * DAY_MS);
    // An order in progress, given up by then, would have no timer.
    expect([issuedCount(), opened.reports.size, timers.armed]).toStrictEqual([2, 0, 1]);
  });

  test('that is down at start is asked again until it is there', async () => {
    const [httpPort, port, cache] = [await freePort(), await freePort(), folder()];
    const directoryUrl = `https://127.0.0.1:${port}/dir`;
    const opened = await openSource({ directoryUrl, httpPort, cache });
    opened.source.start();
    await failedWith(opened, 'unavailable', 'no answer: ECONNREFUSED', 10_000);
    expect(await handshake(opened)).toBeUndefined();
    opened.timers.advance(11 * SECOND_MS);
    const second = await opened.reports.next();
    expect(second).toMatchObject({ type: 'certificate.order_failed', kind: 'unavailable' });
    await pebble({ httpPort, port });
    opened.timers.advance(22 * SECOND_MS);
    await issued(opened);
    expect(await handshake(opened)).toBeDefined();
  });

  test('that refuses a name is left alone for the planned time, by the next process too', async () => {
    const [httpPort, secondPort, cache] = [await freePort(), await freePort(), folder()];
    const { directoryUrl } = await pebble({ httpPort, blocked: NAMES });
    const first = await openSource({ directoryUrl, httpPort, cache });
    first.source.start();
    await failedWith(first, 'refused', 'rejectedIdentifier', 60_000);
    first.timers.advance(59 * SECOND_MS);
    expect(first.reports.size).toBe(0);
    first.source.end();
    const second = await openSource({ directoryUrl, httpPort: secondPort, cache });
    second.source.start();
    expect(await second.reports.next()).toMatchObject({ type: 'certificate.order_waits', names: NAMES });
    second.timers.advance(65 * SECOND_MS);
    await failedWith(second, 'refused', 'rejectedIdentifier', 65_000 + 4 * 60_000);
  });

  test('whose validation does not reach the challenge listener fails once, and not in a loop', async () => {
    const [httpPort, elsewhere] = [await freePort(), await freePort()];
    const { directoryUrl } = await pebble({ httpPort: elsewhere });
    const opened = await openSource({ directoryUrl, httpPort, cache: folder() });
    opened.source.start();
    await failedWith(opened, 'refused', 'connection', 60_000);
    expect(opened.reports.size).toBe(0);
  });

  test('that takes no nonce fails once, and not in a loop', async () => {
    const httpPort = await freePort();
    const { directoryUrl } = await pebble({ httpPort, env: { PEBBLE_WFE_NONCEREJECT: '100' } });
    const opened = await openSource({ directoryUrl, httpPort, cache: folder() });
    opened.source.start();
    await failedWith(opened, 'refused', 'badNonce', 60_000);
  });

  test('that nobody vouches for is not trusted', async () => {
    const httpPort = await freePort();
    const { directoryUrl } = await pebble({ httpPort });
    globalAgent.options.ca = undefined;
    const opened = await openSource({ directoryUrl, httpPort, cache: folder() });
    opened.source.start();
    await failedWith(opened, 'unavailable', 'no answer: DEPTH_ZERO_SELF_SIGNED_CERT', 10_000);
  });

  test('is asked directly, whatever proxy the environment names', async () => {
    const httpPort = await freePort();
    const { directoryUrl } = await pebble({ httpPort });
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${await freePort()}`);
    const opened = await openSource({ directoryUrl, httpPort, cache: folder() });
    opened.source.start();
    await issued(opened);
  });

  test('keeps its account over restarts', async () => {
    const [httpPort, cache] = [await freePort(), folder()];
    const { directoryUrl, accountCount } = await pebble({ httpPort });
    for (const names of [['a.example.com'], ['b.example.com']]) {
      const opened = await openSource({ directoryUrl, httpPort, cache, names });
      opened.source.start();
      expect(await opened.reports.next()).toMatchObject({ type: 'certificate.issued', names });
      await opened.end();
    }
    expect(accountCount()).toBe(1);
  });
});

describe('an ACME server that accepts and says nothing', () => {
  const silent = async () => {
    const sockets = new Inbox<Socket>('the silent server');
    const server = createTcpServer((socket) => sockets.push(socket.on('error', () => {}).resume()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const { port } = server.address() as AddressInfo; // It listens on TCP.
    const cache = folder();
    const directoryUrl = `https://127.0.0.1:${port}/dir`;
    return { sockets, options: { directoryUrl, cache, httpPort: await freePort() } };
  };

  test('is given up after five minutes, and its connection closed', async () => {
    const { sockets, options } = await silent();
    const opened = await openSource(options);
    opened.source.start();
    const closed = once(await sockets.next(), 'close');
    opened.timers.advance(CERTIFICATE_ORDER_TIMEOUT_MS - 1);
    expect(opened.reports.size).toBe(0);
    opened.timers.advance(1);
    expect(await opened.reports.next()).toMatchObject({ kind: 'timed_out', err: 'the order took too long' });
    await closed;
  });

  test('does not hold up the end, and the next start waits: what became of the order is not known', async () => {
    const { sockets, options } = await silent();
    const first = await openSource(options);
    first.source.start();
    const closed = once(await sockets.next(), 'close');
    await first.end();
    await closed;
    expect([first.reports.size, first.timers.armed]).toStrictEqual([0, 0]);
    const second = await openSource(options);
    second.source.start();
    expect(await second.reports.next()).toMatchObject({ type: 'certificate.order_waits' });
  });
});
