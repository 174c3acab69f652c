/** Series about certificates from an ACME server. */
import type { Counter, Registry } from 'prom-client';
import type { FailureKind } from '../transport/acme/order-failure.ts';
import type { Observation, Watcher } from '../transport/observation.ts';
import { counterIn, everyOf } from './own-series.ts';

const OUTCOMES = everyOf<FailureKind | 'issued'>({
  issued: true,
  unavailable: true,
  rate_limited: true,
  refused: true,
  timed_out: true,
  unusable: true,
  cache_failed: true,
});

export class AcmeSeries implements Watcher {
  readonly #orders: Counter<'outcome'>;
  readonly #cacheFaults: Counter;

  constructor(registry: Registry) {
    const counter = counterIn(registry);
    this.#orders = counter('acme_orders_total', 'Orders of certificates that have ended.', 'outcome');
    this.#cacheFaults = counter(
      'acme_cache_faults_total',
      'Files of the certificate cache that could not be used, and certificates that could not be kept there.',
    );
    for (const outcome of OUTCOMES) this.#orders.inc({ outcome }, 0);
  }

  observe(seen: Observation): void {
    switch (seen.type) {
      case 'certificate.issued':
        this.#orders.inc({ outcome: 'issued' });
        return;
      case 'certificate.order_failed':
        this.#orders.inc({ outcome: seen.kind });
        return;
      case 'certificate.not_kept':
      case 'cert_cache.set_aside':
        this.#cacheFaults.inc();
        return;
      default:
        return;
    }
  }
}
