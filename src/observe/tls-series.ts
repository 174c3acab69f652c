/** Series about what comes before HTTP: PROXY headers, TLS handshakes, and the certificate. */
import { type Counter, Gauge, type Registry } from 'prom-client';
import type { Observation, Watcher } from '../transport/observation.ts';
import type { ProxyFault } from '../transport/proxy-header-stage.ts';
import type { TlsFault } from '../transport/tls-stage.ts';
import { counterIn, everyOf, PREFIX } from './own-series.ts';

const TLS_FAULTS = everyOf<TlsFault>({
  ended: true,
  timeout: true,
  plain_http: true,
  version: true,
  cipher: true,
  protocol: true,
  mistrust: true,
  no_certificate: true,
  flood: true,
  other: true,
});
const PROXY_FAULTS = everyOf<ProxyFault>({
  missing: true,
  v1: true,
  local: true,
  unspec: true,
  unix: true,
  malformed: true,
  too_long: true,
  timeout: true,
  ended: true,
  untrusted: true,
});

const LOAD_OUTCOMES = ['loaded', 'kept'] as const;

export class TlsSeries implements Watcher {
  readonly #handshakeFailures: Counter<'kind'>;
  readonly #headerRefusals: Counter<'kind'>;
  readonly #loads: Counter<'outcome'>;

  /** @param expiresAtMs when the certificate in use expires; undefined while there is none */
  constructor(registry: Registry, expiresAtMs: () => number | undefined) {
    const counter = counterIn(registry);
    this.#handshakeFailures = counter(
      'tls_handshake_failures_total',
      'Connections closed in their TLS handshake, or for a flood of TLS records.',
      'kind',
    );
    this.#headerRefusals = counter(
      'proxy_headers_refused_total',
      'Connections closed because they did not begin with a good PROXY header.',
      'kind',
    );
    this.#loads = counter(
      'certificate_loads_total',
      'Certificates taken, or kept because a new one was bad.',
      'outcome',
    );
    for (const kind of TLS_FAULTS) this.#handshakeFailures.inc({ kind }, 0);
    for (const kind of PROXY_FAULTS) this.#headerRefusals.inc({ kind }, 0);
    for (const outcome of LOAD_OUTCOMES) this.#loads.inc({ outcome }, 0);
    const expiry: Gauge = new Gauge({
      name: `${PREFIX}certificate_expiry_timestamp_seconds`,
      help: 'When the certificate in use expires, in Unix time; 0 without one.',
      registers: [registry],
      collect: () => expiry.set((expiresAtMs() ?? 0) / 1_000),
    });
  }

  observe(seen: Observation): void {
    switch (seen.type) {
      case 'tls.failed':
        this.#handshakeFailures.inc({ kind: seen.fault });
        return;
      case 'proxy_header.refused':
        this.#headerRefusals.inc({ kind: seen.fault });
        return;
      case 'certificate.loaded':
        this.#loads.inc({ outcome: 'loaded' });
        return;
      case 'certificate.kept':
        this.#loads.inc({ outcome: 'kept' });
        return;
      default:
        return;
    }
  }
}
