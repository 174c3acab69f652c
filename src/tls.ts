/** Joins the source of the certificate to the settings, the observer and the reload. */
import { ConfigError } from './config/config-error.ts';
import type { Reloadable } from './config/reloadable.ts';
import type { Config } from './config/settings.ts';
import { watchExpiry } from './transport/certificate-expiry.ts';
import { utcText } from './transport/certificate-pair.ts';
import type { CertificateSource } from './transport/certificate-source.ts';
import { FileCertificates } from './transport/file-certificates.ts';
import type { Observer } from './transport/observation.ts';

export interface Tls {
  /** Undefined without TLS. */
  readonly certificates: CertificateSource | undefined;
  readonly reloadables: readonly Reloadable[];
  readonly end: () => void;
}

export const NO_TLS: Tls = { certificates: undefined, reloadables: [], end: () => {} };

const reloadFiles = (source: FileCertificates): Reloadable => ({
  prepare: async () => {
    const { read, print, isNew } = await source.read();
    if (read.kind === 'fault') throw new ConfigError(read.err);
    const { expiresAtMs } = read.certificate;
    return () => {
      if (!isNew) return [];
      source.use(read, print);
      return [`certificate, valid until ${utcText(expiresAtMs)}`];
    };
  },
});

/** @throws ConfigError if there is no usable certificate where the settings say */
export const openTls = async (config: Config, observer: Observer): Promise<Tls> => {
  const { tlsCert, tlsKey } = config;
  if (tlsCert === null || tlsKey === null) return NO_TLS;
  const source = await FileCertificates.open({
    certFile: tlsCert,
    keyFile: tlsKey,
    report: (news) => observer.observe(news),
  });
  if (typeof source === 'string') throw new ConfigError(`--tls-cert, --tls-key: ${source}`);
  const endWatch = watchExpiry(source, {
    warn: ({ expiresAtMs }) => observer.observe({ type: 'certificate.expiring', expiresAtMs }),
  });
  return {
    certificates: source,
    reloadables: [reloadFiles(source)],
    end: () => {
      endWatch();
      source.end();
    },
  };
};
