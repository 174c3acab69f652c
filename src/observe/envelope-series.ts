/** Series about messages of binaries that reached no phone, by the reason. */
import type { Counter, Registry } from 'prom-client';
import type { Observation, Watcher } from '../transport/observation.ts';
import { counterIn } from './own-series.ts';

const DROPS = [
  'malformed',
  'too_many_members',
  'missing_conn_id',
  'missing_frame',
  'unknown_conn_id',
  'push_wake',
  'backlog_full',
] as const;

type Drop = (typeof DROPS)[number];

const DROP_OF_FAULT = {
  'malformed envelope': 'malformed',
  'too many members': 'too_many_members',
  'missing conn_id': 'missing_conn_id',
  'missing frame': 'missing_frame',
} as const;

export class EnvelopeSeries implements Watcher {
  readonly #drops: Counter<'reason'>;

  constructor(registry: Registry) {
    this.#drops = counterIn(registry)(
      'envelopes_dropped_total',
      'Messages of binaries that reached no phone.',
      'reason',
    );
    for (const reason of DROPS) this.#drops.inc({ reason }, 0);
  }

  observe(seen: Observation): void {
    switch (seen.type) {
      case 'envelope.dropped':
        this.#dropped(DROP_OF_FAULT[seen.fault]);
        return;
      case 'envelope.unknown_conn':
        this.#dropped('unknown_conn_id');
        return;
      case 'envelope.push_wake':
        this.#dropped('push_wake');
        return;
      case 'envelope.refused':
        this.#dropped('backlog_full');
        return;
      default:
        return;
    }
  }

  #dropped(reason: Drop): void {
    this.#drops.inc({ reason });
  }
}
