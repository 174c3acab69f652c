/**
 * The metrics of spec section 6 under their specified names, plus our own for every limit and every way a connection
 * ends. All label combinations start at 0. No label value comes from input, so peers cannot grow the set.
 */
import { Counter, Gauge, Registry } from 'prom-client';
import type { CloseCause } from '../machines/connection-messages.ts';
import type { Role } from '../protocol/routing-headers.ts';
import type { Observation, Watcher } from '../transport/observation.ts';
import type { Census } from './census.ts';
import { addLogLosses, type LogLosses } from './log-losses.ts';
import { counterIn, everyOf, PREFIX } from './own-series.ts';

const SCRAPE_ERRORS = ['gathering', 'encoding'] as const;
const ROLES: readonly Role[] = ['binary', 'phone'];
const CAUSES = everyOf<CloseCause>({
  peer: true,
  protocol_error: true,
  reclaimed: true,
  expired: true,
  unheard: true,
  directive: true,
  displaced: true,
  shutdown: true,
  heartbeat_timeout: true,
  message_stalled: true,
  write_stalled: true,
  backlog_full: true,
  relay_backlog_full: true,
  not_json: true,
  not_utf8: true,
  broken_envelopes: true,
  control_frames: true,
  token_revoked: true,
  internal_error: true,
});
export class Metrics implements Watcher {
  readonly #registry = new Registry();
  readonly #graceExpiries: Counter;
  readonly #takeovers: Counter;
  readonly #ends: Counter<'role' | 'cause'>;
  readonly #notices: Counter<'outcome'>;
  readonly #pauses: Counter;
  readonly #violations: Counter<'role'>;
  readonly #faults: Counter;
  readonly #scrapeErrors: Counter<'cause'>;

  constructor(census: Census, logLosses: LogLosses) {
    const registers = [this.#registry];
    const counter = counterIn(this.#registry);
    const gauge = (name: string, help: string, read: () => number): void => {
      const made: Gauge = new Gauge({
        name: `${PREFIX}${name}`,
        help,
        registers,
        collect: () => made.set(read()),
      });
    };

    gauge('connected_binaries', 'Binaries that hold a server-id; grace excluded.', () => census.binaries);
    gauge('connected_phones', 'Registered phones over all server-ids.', () => census.phones);
    addLogLosses(gauge, logLosses);
    this.#graceExpiries = counter('grace_expiries_total', 'Grace periods that ended without a reclaim.');
    this.#takeovers = counter(
      'takeovers_total',
      'Server-ids taken from a binary that did not answer its probe.',
    );
    this.#ends = counter(
      'connections_left_total',
      'Admitted connections that ended, and claimants whose token was revoked, by cause.',
      'role',
      'cause',
    );
    this.#notices = counter('close_notices_total', 'Close notices owed to a binary.', 'outcome');
    this.#pauses = counter('phone_pauses_total', 'Times a phone was not read because its binary was slow.');
    this.#violations = counter(
      'protocol_violations_total',
      'Connections the WebSocket layer closed: oversize, bad frames, bad UTF-8.',
      'role',
    );
    this.#faults = counter('internal_faults_total', 'Actors and listeners that threw. Always a bug.');
    this.#scrapeErrors = new Counter({
      name: 'promhttp_metric_handler_errors_total',
      help: 'Scrapes that failed.',
      labelNames: ['cause'],
      registers,
    });

    for (const role of ROLES) {
      this.#violations.inc({ role }, 0);
      for (const cause of CAUSES) this.#ends.inc({ role, cause }, 0);
    }
    for (const outcome of ['sent', 'lost']) this.#notices.inc({ outcome }, 0);
    for (const cause of SCRAPE_ERRORS) this.#scrapeErrors.inc({ cause }, 0);
  }

  /** Where other groups of series are registered. */
  get registry(): Registry {
    return this.#registry;
  }

  /** Prometheus text exposition format 0.0.4. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  async scrape(): Promise<string> {
    try {
      return await this.#registry.metrics();
    } catch (error) {
      this.#scrapeErrors.inc({ cause: 'gathering' });
      throw error;
    }
  }

  observe(seen: Observation): void {
    switch (seen.type) {
      case 'binary.admitted':
        if (seen.kind === 'takeover') this.#takeovers.inc();
        return;
      case 'grace.expired':
        this.#graceExpiries.inc();
        return;
      case 'connection.left':
        this.#ends.inc({ role: seen.role, cause: seen.cause });
        return;
      case 'token.revoked':
        // That of an admitted one is its cause to leave.
        if (!seen.wasAdmitted) this.#ends.inc({ role: 'binary', cause: 'token_revoked' });
        return;
      case 'phone.paused':
        this.#pauses.inc();
        return;
      case 'notice.sent':
        this.#notices.inc({ outcome: 'sent' });
        return;
      case 'notice.lost':
        this.#notices.inc({ outcome: 'lost' });
        return;
      case 'protocol.violated':
        this.#violations.inc({ role: seen.role });
        return;
      case 'server.failed':
      case 'connection.failed':
      case 'event.undeliverable':
      case 'effect.failed':
        this.#faults.inc();
        return;
      case 'envelope.dropped':
      case 'envelope.unknown_conn':
      case 'envelope.push_wake':
      case 'envelope.refused':
      case 'wake.ended':
      case 'push.quota_exceeded':
      case 'tls.failed':
      case 'proxy_header.refused':
      case 'certificate.loaded':
      case 'certificate.kept':
      case 'certificate.doubtful':
      case 'certificate.expiring':
      case 'certificate.issued':
      case 'certificate.order_failed':
      case 'certificate.order_waits':
      case 'certificate.not_kept':
      case 'cert_cache.tightened':
      case 'cert_cache.set_aside':
      case 'request.refused':
      case 'connection.not_taken':
      case 'admission.refused':
      case 'upgrade.refused':
      case 'binary.refused':
      case 'phone.admitted':
      case 'phone.refused':
      case 'connection.cut_short':
      case 'connection.shed':
      case 'memory.reached':
      case 'memory.left':
      case 'readers.rested':
      case 'sender.throttled':
      case 'grace.started':
      case 'phone.ended':
      case 'phone.unheard':
      case 'phone.dismissed':
      case 'read.ended':
      case 'phone.resumed':
      case 'frame.sampled':
      case 'close.sent':
      case 'close.received':
      case 'reload.ended':
    }
  }
}
