/** Certificates on a driven clock: doubts about them, and warnings before they expire. */

import { copyFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ConfigError, completeConfig } from '../../src/config/read-config.ts';
import { openTls } from '../../src/tls.ts';
import { watchExpiry } from '../../src/transport/certificate-expiry.ts';
import { readPair } from '../../src/transport/certificate-pair.ts';
import { type CertificateNews, FileCertificates } from '../../src/transport/file-certificates.ts';
import type { Observation, Observer } from '../../src/transport/observation.ts';
import { serverContext } from '../../src/transport/server-context.ts';
import { makeCertificate } from '../support/certificates.ts';
import { openToAll } from '../support/open-entrance.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const certificate = makeCertificate();
const other = makeCertificate();

const open = async (nowMs: number): Promise<CertificateNews[]> => {
  const news: CertificateNews[] = [];
  const source = await FileCertificates.open({
    ...certificate,
    report: (item) => news.push(item),
    nowMs: () => nowMs,
  });
  if (typeof source === 'string') throw new Error(source);
  source.end();
  return news;
};

describe('a certificate that clients will not accept is used, with a word', () => {
  test('it has expired', async () => {
    const [, doubt] = await open(Date.now() + 91 * DAY_MS);
    expect(doubt).toEqual({
      type: 'certificate.doubtful',
      err: expect.stringMatching(/^the certificate has expired at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  test('it is not valid yet', async () => {
    const [, doubt] = await open(Date.now() - 2 * DAY_MS);
    expect(doubt).toMatchObject({ err: expect.stringContaining('is not valid before') });
  });

  test('its RSA key makes each handshake expensive', () => {
    const doubtsOf = (bits: number): readonly string[] => {
      const pair = readPair(makeCertificate([], ['-days', '90'], ['-newkey', `rsa:${bits}`]), Date.now());
      return pair.kind === 'pair' ? pair.warnings : [pair.err];
    };
    expect(doubtsOf(2_048)).toEqual([]);
    expect(doubtsOf(3_072)).toEqual([
      'its RSA key of 3072 bits makes each TLS handshake slow: use ECDSA P-256, or RSA of 2048 bits',
    ]);
  });

  test('a good one has none', async () => {
    expect((await open(Date.now())).map(({ type }) => type)).toEqual(['certificate.loaded']);
  });
});

describe('before a certificate expires', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** The days on which a warning is given. */
  const warningDays = (lifetimeDays: number, untilDay: number): number[] => {
    const days: number[] = [];
    const shown = {
      context: serverContext(certificate),
      startsAtMs: 0,
      expiresAtMs: lifetimeDays * DAY_MS,
    };
    const current = () => shown;
    const end = watchExpiry(
      { current, end: () => {} },
      { warn: () => days.push(Math.floor(Date.now() / DAY_MS)) },
    );
    vi.advanceTimersByTime(untilDay * DAY_MS);
    end();
    vi.advanceTimersByTime(10 * DAY_MS);
    return days;
  };

  test('there is a warning each day, from 14 days before', () => {
    expect(warningDays(90, 80)).toEqual([76, 77, 78, 79]);
  });

  test('or in the last third of a shorter lifetime', () => {
    expect(warningDays(6, 6)).toEqual([4, 5]);
  });
});

describe('a reload', () => {
  const openPair = async () => {
    const seen: Observation[] = [];
    const observer: Observer = {
      observe: (item) => seen.push(item),
      framesForwarded: () => {},
      serverCreated: () => {},
    };
    const pair = makeCertificate();
    const config = completeConfig({ tlsCert: pair.certFile, tlsKey: pair.keyFile });
    const tls = await openTls(config, observer, openToAll().unfinished);
    const [reloadable] = tls.reloadables;
    if (reloadable === undefined || tls.certificates === undefined) throw new Error('no TLS');
    return { pair, seen, tls, config, reloadable, source: tls.certificates };
  };

  test('reads the files again, and uses them only when it is applied', async () => {
    const { pair, seen, tls, config, reloadable, source } = await openPair();
    const before = source.current();
    copyFileSync(other.certFile, pair.certFile);
    copyFileSync(other.keyFile, pair.keyFile);
    const apply = await reloadable.prepare(config);
    expect(source.current()).toBe(before);
    expect(apply()).toEqual([expect.stringMatching(/^certificate, valid until \d{4}-/)]);
    expect(source.current()).not.toBe(before);
    expect(seen.map(({ type }) => type)).toEqual(['certificate.loaded', 'certificate.loaded']);
    const again = await reloadable.prepare(config);
    expect(again()).toEqual([]);
    expect(seen).toHaveLength(2);
    tls.end();
  });

  test('of files that cannot be used is refused, and changes nothing', async () => {
    const { pair, tls, config, reloadable, source } = await openPair();
    const before = source.current();
    copyFileSync(other.certFile, pair.certFile);
    await expect(reloadable.prepare(config)).rejects.toThrow(ConfigError);
    expect(source.current()).toBe(before);
    tls.end();
  });
});
