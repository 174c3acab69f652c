/** Log lines about the certificate, wherever it comes from. */
import { utcText } from '../transport/certificate-pair.ts';
import type { Observation } from '../transport/observation.ts';
import { type LogSink, write } from './log-line.ts';

type AboutCertificate = Extract<
  Observation,
  { readonly type: `certificate.${string}` | `cert_cache.${string}` }
>;

/** A certificate may have a hundred. */
const NAMES_SHOWN = 5;

const shownNames = (names: readonly string[]): string => {
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown;
};

export const logCertificate = (sink: LogSink, seen: AboutCertificate): void => {
  switch (seen.type) {
    case 'certificate.loaded':
      write(sink, 'certificate_loaded', { expires: utcText(seen.expiresAtMs) });
      return;
    case 'certificate.kept':
      write(sink, 'certificate_kept', { err: seen.err });
      return;
    case 'certificate.doubtful':
      write(sink, 'certificate_doubtful', { err: seen.err });
      return;
    case 'certificate.expiring':
      write(sink, 'certificate_expiring', { expires: utcText(seen.expiresAtMs) });
      return;
    case 'certificate.issued':
      write(sink, 'certificate_issued', {
        names: shownNames(seen.names),
        expires: utcText(seen.expiresAtMs),
      });
      return;
    case 'certificate.order_failed':
      write(sink, 'certificate_order_failed', {
        names: shownNames(seen.names),
        err: seen.err,
        retry: utcText(seen.retryAtMs),
      });
      return;
    case 'certificate.order_waits':
      write(sink, 'certificate_order_waits', {
        names: shownNames(seen.names),
        retry: utcText(seen.retryAtMs),
      });
      return;
    case 'certificate.not_kept':
      write(sink, 'certificate_not_kept', { names: shownNames(seen.names), err: seen.err });
      return;
    case 'cert_cache.tightened':
      write(sink, 'tightened cert cache dir perms', { path: seen.path, from: seen.from, to: seen.to });
      return;
    case 'cert_cache.set_aside':
      write(sink, 'cert_cache_file_set_aside', { path: seen.path, err: seen.err });
      return;
  }
};
