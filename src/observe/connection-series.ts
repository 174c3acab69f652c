/**
 * Series about what connections hold: bytes that wait to be sent, and connections that are being closed. The gauges are
 * read from the sockets and the charts at each scrape.
 */
import { type Counter, Gauge, type Registry } from 'prom-client';
import { closingState } from '../machines/connection-view.ts';
import type { Role } from '../protocol/routing-headers.ts';
import type { Observation, Watcher } from '../transport/observation.ts';
import { counterIn, PREFIX } from './own-series.ts';
import type { Held } from './readings.ts';

const ROLES: readonly Role[] = ['binary', 'phone'];
const KINDS = ['admitted', 'refused'] as const;
type Kind = (typeof KINDS)[number];
/** `starting` is left at once. */
const STATES = {
  admitted: ['flushing', 'writing', 'objecting', 'answering', 'finishing', 'cut'],
  refused: ['writing', 'objecting', 'answering', 'finishing', 'cut'],
} as const satisfies Readonly<Record<Kind, readonly string[]>>;

/** A claimant that closes while it waits was not admitted either. */
const kindOf = (wasAdmitted: boolean): Kind => (wasAdmitted ? 'admitted' : 'refused');

export class ConnectionSeries implements Watcher {
  readonly #cutShort: Counter<'kind'>;

  constructor(registry: Registry, held: ReadonlyMap<string, Held>) {
    const registers = [registry];
    const queued: Gauge<'role'> = new Gauge({
      name: `${PREFIX}queued_bytes`,
      help: 'Bytes queued for connections of this role, with the overhead per frame.',
      labelNames: ['role'],
      registers,
      collect: () => {
        const bytes: Record<Role, number> = { binary: 0, phone: 0 };
        for (const { role, outbox } of held.values()) bytes[role] += outbox.chargedBytes;
        for (const role of ROLES) queued.set({ role }, bytes[role]);
      },
    });
    const closing: Gauge<'kind' | 'state'> = new Gauge({
      name: `${PREFIX}closing_connections`,
      help: 'Connections that are being closed.',
      labelNames: ['kind', 'state'],
      registers,
      collect: () => {
        for (const kind of KINDS) for (const state of STATES[kind]) closing.set({ kind, state }, 0);
        for (const { chart } of held.values()) {
          const snapshot = chart.getSnapshot();
          const state = closingState(snapshot);
          if (state !== undefined) closing.inc({ kind: kindOf(snapshot.context.binaryId !== null), state });
        }
      },
    });
    const closingQueued: Gauge = new Gauge({
      name: `${PREFIX}closing_queued_bytes`,
      help: 'Those of the queued bytes that are queued for connections that are being closed.',
      registers,
      collect: () => {
        let bytes = 0;
        for (const { chart, outbox } of held.values())
          if (closingState(chart.getSnapshot()) !== undefined) bytes += outbox.chargedBytes;
        closingQueued.set(bytes);
      },
    });
    const paused: Gauge = new Gauge({
      name: `${PREFIX}paused_phones`,
      help: 'Phones that are not read now, because their binary is slow.',
      registers,
      collect: () => {
        let count = 0;
        for (const { pausedFor } of held.values()) if (pausedFor !== undefined) count++;
        paused.set(count);
      },
    });
    this.#cutShort = counterIn(registry)(
      'closing_connections_cut_total',
      'Closing connections that were cut because too many of their server-id were closing.',
      'kind',
    );
    for (const kind of KINDS) this.#cutShort.inc({ kind }, 0);
  }

  observe(seen: Observation): void {
    if (seen.type === 'connection.cut_short') this.#cutShort.inc({ kind: kindOf(seen.wasAdmitted) });
  }
}
