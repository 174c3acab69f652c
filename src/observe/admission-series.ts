/** Series about who gets in: what each limit refused, and how much of it is used. */
import { type Counter, Gauge, type Registry } from 'prom-client';
import type { Limit } from '../admission/gate.ts';
import type { Observation, Watcher } from '../transport/observation.ts';
import { counterIn, everyOf, PREFIX } from './own-series.ts';
import type { AdmissionReading } from './readings.ts';

const LIMITS = everyOf<Limit>({
  rate: true,
  handshake_rate: true,
  max_connections: true,
  reserved: true,
  max_connections_per_ip: true,
  unfinished: true,
  deadline: true,
  memory: true,
  max_server_ids: true,
  token: true,
});

export class AdmissionSeries implements Watcher {
  readonly #refusals: Counter<'limit'>;

  constructor(registry: Registry, use: () => AdmissionReading) {
    this.#refusals = counterIn(registry)(
      'admission_refusals_total',
      'Dials refused, and connections ended before they were upgraded, by limit.',
      'limit',
    );
    for (const limit of LIMITS) this.#refusals.inc({ limit }, 0);
    const registers = [registry];
    const gauge = (name: string, help: string, read: (reading: AdmissionReading) => number): void => {
      const made: Gauge = new Gauge({
        name: `${PREFIX}${name}`,
        help,
        registers,
        collect: () => made.set(read(use())),
      });
    };
    const connections: Gauge<'role'> = new Gauge({
      name: `${PREFIX}connections`,
      help: 'Connections that take a place, from their request to the end of their socket.',
      labelNames: ['role'],
      registers,
      collect: () => {
        const { binary, phone } = use().connections;
        connections.set({ role: 'binary' }, binary);
        connections.set({ role: 'phone' }, phone);
      },
    });
    gauge('max_connections', 'Places in all.', ({ maxConnections }) => maxConnections);
    gauge(
      'unfinished_connections',
      'Accepted, and not upgraded or answered yet.',
      ({ unfinished }) => unfinished,
    );
    gauge('rate_buckets', 'Addresses that owe tokens of the rate limit.', ({ rateBuckets }) => rateBuckets);
  }

  observe(seen: Observation): void {
    if (seen.type === 'admission.refused') this.#refusals.inc({ limit: seen.limit });
  }
}
