/** Series about what befalls server-ids and their phones, and about reloads. */
import { Counter, type Registry } from 'prom-client';
import type { ClaimKind } from '../machines/connection-messages.ts';
import type { Observation, Watcher } from '../transport/observation.ts';
import { counterIn, everyOf, PREFIX } from './own-series.ts';

const KINDS = everyOf<ClaimKind>({ claim: true, reclaim: true, takeover: true });
const MS_PER_S = 1_000;

export class LifecycleSeries implements Watcher {
  readonly #claims: Counter<'kind'>;
  readonly #pausedSeconds: Counter;
  #applied = 0;
  #refused = 0;

  /** @param unreadReloads those that were refused before they reached the relay */
  constructor(registry: Registry, unreadReloads: () => number) {
    const counter = counterIn(registry);
    this.#claims = counter('claims_total', 'Server-ids given to a binary, by how it got them.', 'kind');
    for (const kind of KINDS) this.#claims.inc({ kind }, 0);
    this.#pausedSeconds = counter(
      'phone_paused_seconds_total',
      'Time for which phones were not read because their binary was slow, summed when it ends.',
    );
    const reloads: Counter<'outcome'> = new Counter({
      name: `${PREFIX}reloads_total`,
      help: 'Reloads of the settings, by outcome.',
      labelNames: ['outcome'],
      registers: [registry],
      collect: () => {
        reloads.reset();
        reloads.inc({ outcome: 'applied' }, this.#applied);
        reloads.inc({ outcome: 'refused' }, this.#refused + unreadReloads());
      },
    });
  }

  observe(seen: Observation): void {
    switch (seen.type) {
      case 'binary.admitted':
        this.#claims.inc({ kind: seen.kind });
        return;
      case 'phone.resumed':
        this.#pausedSeconds.inc(seen.ms / MS_PER_S);
        return;
      case 'reload.ended':
        if (seen.isApplied) this.#applied++;
        else this.#refused++;
        return;
      default:
        return;
    }
  }
}
