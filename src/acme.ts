/** Joins certificates from an ACME server to the settings and the observer. */
import type { Server } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { challengeAddress } from './config/acme-rules.ts';
import { ConfigError } from './config/config-error.ts';
import { writeResult } from './config/result-file.ts';
import type { Config } from './config/settings.ts';
import { acceptRule } from './transport/accept-rule.ts';
import { type AcmeCertificates, openAcmeCertificates } from './transport/acme/acme-certificates.ts';
import { loadAcmeClient, type PlaceOrder } from './transport/acme/acme-client.ts';
import { CacheRefused, checkCacheFolder, openCacheFolder } from './transport/acme/cache-folder.ts';
import { CertificateCache } from './transport/acme/certificate-cache.ts';
import { ChallengeAnswers } from './transport/acme/challenge-answers.ts';
import { createChallengeListener } from './transport/acme/challenge-listener.ts';
import { ChartTimers } from './transport/chart-timers.ts';
import { listenerHooks } from './transport/data-plane.ts';
import type { ListenAddress } from './transport/listening.ts';
import { describeError, type Observer } from './transport/observation.ts';
import { PackageMissing } from './transport/optional-package.ts';
import type { UnfinishedConnections } from './transport/unfinished-connections.ts';

/** What answers the challenges of the ACME server. */
export interface ChallengeListener {
  readonly server: Server;
  readonly address: ListenAddress;
}

export interface Acme {
  readonly certificates: AcmeCertificates;
  readonly challenges: ChallengeListener;
}

const loadClient = async (): Promise<PlaceOrder> =>
  await loadAcmeClient().catch((error: unknown) => {
    if (!(error instanceof PackageMissing)) throw error;
    throw new ConfigError(
      '--domain needs the optional package acme-client, which is not installed: npm install acme-client, or give a certificate with --tls-cert and --tls-key',
    );
  });

const nameCache = (error: unknown): never => {
  throw error instanceof CacheRefused ? new ConfigError(`--cert-cache ${error.message}`) : error;
};

/** As in a shell. A user without a home has it below the working directory, as in the Go relay. */
const expandHome = (path: string): string => {
  if (!path.startsWith('~/')) return path;
  const rest = path.slice('~/'.length);
  try {
    return join(homedir(), rest);
  } catch {
    return rest;
  }
};

/**
 * Looks at what an order needs, and changes nothing.
 * @throws ConfigError as `openAcme`, but for a cache that has to be created
 */
export const requireAcme = async (config: Config): Promise<void> => {
  if (challengeAddress(config) === null) return;
  await loadClient();
  await checkCacheFolder(expandHome(config.certCache)).catch(nameCache);
};

/** @throws ConfigError before anything listens: the cache cannot be used, or the package is missing */
export const openAcme = async (
  names: readonly string[],
  config: Config,
  observer: Observer,
  unfinished: UnfinishedConnections,
): Promise<Acme | undefined> => {
  const address = challengeAddress(config);
  if (address === null) return undefined;
  const placeOrder = await loadClient();
  const folder = expandHome(config.certCache);
  const tightened = await openCacheFolder(folder, writeResult).catch(nameCache);
  if (tightened !== undefined) observer.observe({ type: 'cert_cache.tightened', ...tightened });
  const directoryUrl = config.acmeDirectory;
  const setAside = (path: string, err: string): void =>
    observer.observe({ type: 'cert_cache.set_aside', path, err });
  const answers = new ChallengeAnswers();
  const faultFound = (error: unknown): void =>
    observer.observe({ type: 'effect.failed', err: describeError(error) });
  const certificates = await openAcmeCertificates({
    directoryUrl,
    email: config.acmeEmail,
    names,
    cache: new CertificateCache({ folder, directoryUrl, names, write: writeResult, setAside }),
    answers,
    placeOrder,
    timers: new ChartTimers(faultFound),
    report: (news) => observer.observe(news),
    nowMs: Date.now,
    spread: Math.random,
  });
  const kept = certificates.current();
  if (kept !== undefined) observer.observe({ type: 'certificate.loaded', expiresAtMs: kept.expiresAtMs });
  const server = createChallengeListener(answers, {
    mayAccept: acceptRule('acme', observer, unfinished),
    ...listenerHooks(observer, 'acme'),
  });
  return { certificates, challenges: { server, address } };
};
