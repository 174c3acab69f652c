/** Warns once a day while the certificate is about to expire: whoever renews it has failed to. */
import { CERTIFICATE_EXPIRY_CHECK_MS, CERTIFICATE_WARNING_MS } from '../protocol/tls-limits.ts';
import type { Certificate, CertificateSource } from './certificate-source.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** From `CERTIFICATE_WARNING_MS` before, or in the last third of a lifetime that is shorter than three times that. */
const isExpiring = ({ startsAtMs, expiresAtMs }: Certificate, nowMs: number): boolean =>
  expiresAtMs - nowMs < Math.min(CERTIFICATE_WARNING_MS, (expiresAtMs - startsAtMs) / 3);

export interface ExpiryWatchOptions {
  readonly warn: (certificate: Certificate) => void;
  readonly nowMs?: () => number;
}

/** @returns a function that ends the watch */
export const watchExpiry = (
  { current }: CertificateSource,
  { warn, nowMs = Date.now }: ExpiryWatchOptions,
): (() => void) => {
  let warnedAtMs = Number.NEGATIVE_INFINITY;
  const check = (): void => {
    const certificate = current();
    const now = nowMs();
    if (certificate === undefined || !isExpiring(certificate, now) || now - warnedAtMs < DAY_MS) return;
    warnedAtMs = now;
    warn(certificate);
  };
  check();
  // Often, because the clock of a machine that has slept jumps.
  const timer = setInterval(check, CERTIFICATE_EXPIRY_CHECK_MS).unref();
  return () => clearInterval(timer);
};
