/** Series about wakes. The states of the credential, and the wakes in flight, are among the actors (`actor-series.ts`). */
import { type Counter, Gauge, type Registry } from 'prom-client';
import type { WakeEnd } from '../machines/wake-messages.ts';
import type { WakeLimit, WakeRefusal } from '../push/wake-gate.ts';
import type { Observation, Watcher } from '../transport/observation.ts';
import { counterIn, everyOf, PREFIX } from './own-series.ts';

const OUTCOMES = everyOf<WakeEnd['outcome'] | 'dropped'>({
  sent: true,
  unregistered: true,
  send_failed: true,
  token_fetch_failed: true,
  dropped: true,
});

/** True for those that also count as dropped; the others never had a chance. */
const REFUSALS: Readonly<Record<WakeRefusal, boolean>> = {
  push_off: false,
  malformed: false,
  platform: false,
  empty_token: false,
  long_token: false,
  ...({
    rate: true,
    dead_token: true,
    ceiling: true,
    in_flight: true,
  } satisfies Record<WakeLimit, true>),
};

export class PushSeries implements Watcher {
  readonly #wakes: Counter<'outcome'>;
  readonly #refusals: Counter<'reason'>;
  readonly #quotaErrors: Counter;

  /** @param deadTokens how many are remembered */
  constructor(registry: Registry, deadTokens: () => number) {
    const counter = counterIn(registry);
    this.#wakes = counter('push_wakes_total', 'Push wakes, by outcome.', 'outcome');
    for (const outcome of OUTCOMES) this.#wakes.inc({ outcome }, 0);
    this.#refusals = counter(
      'push_refusals_total',
      'Push wakes that were not admitted, by reason.',
      'reason',
    );
    for (const reason of Object.keys(REFUSALS)) this.#refusals.inc({ reason }, 0);
    this.#quotaErrors = counter(
      'push_quota_errors_total',
      'Answers of the push service that a quota is used up.',
    );
    const remembered: Gauge = new Gauge({
      name: `${PREFIX}push_dead_tokens`,
      help: 'Push tokens that are refused because the push service has called them unregistered.',
      registers: [registry],
      collect: () => remembered.set(deadTokens()),
    });
  }

  observe(seen: Observation): void {
    switch (seen.type) {
      case 'wake.ended':
        this.#wakes.inc({ outcome: seen.end.outcome });
        return;
      case 'envelope.push_wake':
        this.#refusals.inc({ reason: seen.refusal });
        if (REFUSALS[seen.refusal]) this.#wakes.inc({ outcome: 'dropped' });
        return;
      case 'push.quota_exceeded':
        this.#quotaErrors.inc();
        return;
      default:
        return;
    }
  }
}
