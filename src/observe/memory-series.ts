/** Series about what the relay keeps in memory, and what the bounds of it have cost. */
import { type Counter, Gauge, type Registry } from 'prom-client';
import type { Role } from '../protocol/routing-headers.ts';
import type { Observation, ShedLimit, Watcher } from '../transport/observation.ts';
import type { RestReason } from '../transport/reading-pace.ts';
import type { MemoryReadings } from './memory-readings.ts';
import { counterIn, everyOf, PREFIX } from './own-series.ts';

const SHED_LIMITS = everyOf<ShedLimit>({ total_backlog: true, memory_watermark: true });
const REST_REASONS = everyOf<RestReason>({ backlog: true, crowd: true });
const ROLES: readonly Role[] = ['binary', 'phone'];
const MS_PER_S = 1_000;

export class MemorySeries implements Watcher {
  readonly #shed: Counter<'limit' | 'role'>;
  readonly #rests: Counter<'reason'>;
  readonly #crossings: Counter;
  readonly #throttled: Counter<'role'>;
  readonly #throttledSeconds: Counter<'role'>;

  constructor(registry: Registry, readings: MemoryReadings) {
    const gauge = (name: string, help: string, read: () => number): void => {
      const made: Gauge = new Gauge({
        name: `${PREFIX}${name}`,
        help,
        registers: [registry],
        collect: () => made.set(read()),
      });
    };
    gauge(
      'backlog_bytes',
      'Bytes queued for, or received from, all connections together.',
      readings.backlogBytes,
    );
    gauge('backlog_limit_bytes', 'The most of these; beyond it the largest go.', readings.backlogLimitBytes);
    gauge('queue_memory_bytes', 'Slabs for what is queued, used or not.', readings.queueMemoryBytes);
    gauge('queue_taken_bytes', 'Blocks of memory that hold what is queued.', readings.queueTakenBytes);
    gauge('resident_memory_bytes', 'Resident memory of the process.', readings.residentBytes);
    gauge(
      'memory_watermark_bytes',
      'Resident memory above which nobody is let in; 0 for off.',
      readings.watermarkBytes,
    );
    gauge('server_ids', 'Server-ids in memory; grace included.', readings.serverIds);
    const counter = counterIn(registry);
    this.#shed = counter(
      'connections_shed_total',
      'Connections closed or cut because they held most.',
      'limit',
      'role',
    );
    this.#rests = counter(
      'reader_rests_total',
      'Times sockets that flood were not read for a moment, as backlogs took half of their limit or many waited.',
      'reason',
    );
    this.#crossings = counter(
      'memory_watermark_crossings_total',
      'Times resident memory rose above the watermark.',
    );
    this.#throttled = counter(
      'throttled_reads_total',
      'Times a connection was not read because its server-id had used up its byte rate.',
      'role',
    );
    this.#throttledSeconds = counter(
      'throttled_seconds_total',
      'Time for which connections were not read for that, summed.',
      'role',
    );
    for (const reason of REST_REASONS) this.#rests.inc({ reason }, 0);
    for (const role of ROLES) {
      for (const limit of SHED_LIMITS) this.#shed.inc({ limit, role }, 0);
      this.#throttled.inc({ role }, 0);
      this.#throttledSeconds.inc({ role }, 0);
    }
  }

  observe(seen: Observation): void {
    switch (seen.type) {
      case 'connection.shed':
        this.#shed.inc({ limit: seen.limit, role: seen.role });
        return;
      case 'readers.rested':
        this.#rests.inc({ reason: seen.reason });
        return;
      case 'memory.reached':
        this.#crossings.inc();
        return;
      case 'sender.throttled':
        this.#throttled.inc({ role: seen.role });
        this.#throttledSeconds.inc({ role: seen.role }, seen.ms / MS_PER_S);
        return;
      default:
        return;
    }
  }
}
