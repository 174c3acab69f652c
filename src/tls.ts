/** Joins the source of the certificate to the settings, the observer and the reload. */
import type { ChallengeListener } from './acme.ts';
import { SettingError } from './config/config-error.ts';
import type { Reloadable } from './config/reloadable.ts';
import { type Config, settings } from './config/settings.ts';
import { watchExpiry } from './transport/certificate-expiry.ts';
import { utcText } from './transport/certificate-pair.ts';
import type { CertificateSource } from './transport/certificate-source.ts';
import { FileCertificates, readCertificateFiles } from './transport/file-certificates.ts';
import type { Observer } from './transport/observation.ts';
import type { UnfinishedConnections } from './transport/unfinished-connections.ts';

export interface Tls {
  /** Undefined without TLS. */
  readonly certificates: CertificateSource | undefined;
  /** Undefined unless certificates are ordered from an ACME server. */
  readonly challenges: ChallengeListener | undefined;
  /** Call it when all listeners are bound: orders a certificate if one is due. */
  readonly start: () => void;
  readonly reloadables: readonly Reloadable[];
  readonly end: () => void;
}

export const NO_TLS: Tls = {
  certificates: undefined,
  challenges: undefined,
  start: () => {},
  reloadables: [],
  end: () => {},
};

const unusable = (problem: string): SettingError =>
  new SettingError([settings.tlsCert.flag, settings.tlsKey.flag], problem);

const reloadFiles = (source: FileCertificates): Reloadable => ({
  prepare: async () => {
    const { read, print, isNew } = await source.read();
    if (read.kind === 'fault') throw unusable(read.err);
    const { expiresAtMs } = read.certificate;
    return () => {
      if (!isNew) return [];
      source.use(read, print);
      return [`certificate, valid until ${utcText(expiresAtMs)}`];
    };
  },
});

const watch = (source: CertificateSource, observer: Observer): (() => void) =>
  watchExpiry(source, {
    warn: ({ expiresAtMs }) => observer.observe({ type: 'certificate.expiring', expiresAtMs }),
  });

const openOrders = async (
  domains: readonly string[],
  config: Config,
  observer: Observer,
  unfinished: UnfinishedConnections,
): Promise<Tls> => {
  // Loaded on demand: most relays have a certificate from elsewhere.
  const acme = await (await import('./acme.ts')).openAcme(domains, config, observer, unfinished);
  if (acme === undefined) return NO_TLS;
  const { certificates, challenges } = acme;
  const endWatch = watch(certificates, observer);
  return {
    certificates,
    challenges,
    start: certificates.start,
    reloadables: [],
    end: () => {
      endWatch();
      certificates.end();
    },
  };
};

/** @throws SettingError if the files that the settings name cannot be used */
export const checkTlsFiles = async ({ tlsCert, tlsKey }: Config): Promise<void> => {
  if (tlsCert === null || tlsKey === null) return;
  const read = await readCertificateFiles({ certFile: tlsCert, keyFile: tlsKey }, Date.now());
  if (read.kind === 'fault') throw unusable(read.err);
};

/** @throws ConfigError if there is no usable certificate where the settings say, or none can be ordered */
export const openTls = async (
  config: Config,
  observer: Observer,
  unfinished: UnfinishedConnections,
): Promise<Tls> => {
  const { tlsCert, tlsKey, domains } = config;
  if (tlsCert === null || tlsKey === null)
    return domains === null ? NO_TLS : await openOrders(domains, config, observer, unfinished);
  const source = await FileCertificates.open({
    certFile: tlsCert,
    keyFile: tlsKey,
    report: (news) => observer.observe(news),
  });
  if (typeof source === 'string') throw unusable(source);
  const endWatch = watch(source, observer);
  return {
    certificates: source,
    challenges: undefined,
    start: () => {},
    reloadables: [reloadFiles(source)],
    end: () => {
      endWatch();
      source.end();
    },
  };
};
