/**
 * The metrics of spec section 6 under their specified names, plus our own for every limit and every way a connection
 * ends. All label combinations start at 0. No label value comes from input, so peers cannot grow the set.
 */
import { Counter, Gauge, Registry } from 'prom-client';
import type { CloseCause } from '../machines/connection-messages.ts';
import { HEADER_PROBLEMS, ROUTING_HEADERS, type Role } from '../protocol/routing-headers.ts';
import type { AcceptFault, RequestRefusal } from '../transport/http-listener.ts';
import type { Direction, ListenerName, Observation } from '../transport/observation.ts';
import type { Census } from './census.ts';
import { addLogLosses, type LogLosses } from './log-losses.ts';

export const PREFIX = 'pyrycode_relay_';

const OUTCOMES = [
  'accept',
  'reject_headers',
  'reject_409',
  'reject_404',
  'reject_429',
  'reject_rate_limit',
] as const;
const ENDPOINTS = ['server', 'client'] as const;
const FAILURES = ['no_server', 'server_in_use', 'phones_at_cap', 'ratelimit'] as const;
const DIRECTIONS: readonly Direction[] = ['phone_to_binary', 'binary_to_phone'];
const PUSH_OUTCOMES = ['sent', 'unregistered', 'send_failed', 'token_fetch_failed', 'dropped'] as const;
const SCRAPE_ERRORS = ['gathering', 'encoding'] as const;
const ROLES: readonly Role[] = ['binary', 'phone'];
const CAUSES = [
  'peer',
  'protocol_error',
  'reclaimed',
  'expired',
  'unheard',
  'directive',
  'displaced',
  'shutdown',
  'heartbeat_timeout',
  'message_stalled',
  'write_stalled',
  'backlog_full',
  'not_json',
  'not_utf8',
  'broken_envelopes',
  'control_frames',
  'internal_error',
] as const satisfies readonly CloseCause[];
const DROPS = [
  'malformed',
  'too_many_members',
  'missing_conn_id',
  'missing_frame',
  'unknown_conn_id',
  'push_wake',
  'backlog_full',
] as const;

const LISTENERS = ['public', 'metrics', 'inspect'] as const satisfies readonly ListenerName[];
const REFUSALS = [
  'host_missing',
  'host_repeated',
  'host_malformed',
  'target_malformed',
  'body',
  'no_upgrade',
  'method',
  'websocket_version',
  'websocket_key',
  'pipelined',
  'foreign',
] as const satisfies readonly RequestRefusal[];

const ACCEPT_FAULTS = ['no_descriptors', 'accept_failed'] as const satisfies readonly AcceptFault[];

type Outcome = (typeof OUTCOMES)[number];
type Failure = (typeof FAILURES)[number];
type Drop = (typeof DROPS)[number];

const DROP_OF_FAULT = {
  'malformed envelope': 'malformed',
  'too many members': 'too_many_members',
  'missing conn_id': 'missing_conn_id',
  'missing frame': 'missing_frame',
} as const;

/** Close code 4429 counts as `reject_429`; HTTP 429 would count as `reject_rate_limit`. */
const OUTCOME_OF_CODE: ReadonlyMap<number, { readonly outcome: Outcome; readonly failure: Failure }> =
  new Map([
    [4404, { outcome: 'reject_404', failure: 'no_server' }],
    [4409, { outcome: 'reject_409', failure: 'server_in_use' }],
    [4429, { outcome: 'reject_429', failure: 'phones_at_cap' }],
  ]);

const endpointOf = (role: Role): (typeof ENDPOINTS)[number] => (role === 'binary' ? 'server' : 'client');

export class Metrics {
  readonly #registry = new Registry();
  readonly #upgrades: Counter<'endpoint' | 'outcome'>;
  readonly #failures: Counter<'kind'>;
  readonly #graceExpiries: Counter;
  readonly #takeovers: Counter;
  readonly #ends: Counter<'role' | 'cause'>;
  readonly #drops: Counter<'reason'>;
  readonly #notices: Counter<'outcome'>;
  readonly #pauses: Counter;
  readonly #violations: Counter<'role'>;
  readonly #headerFaults: Counter<'endpoint' | 'header' | 'problem'>;
  readonly #refusals: Counter<'listener' | 'reason'>;
  readonly #notTaken: Counter<'listener' | 'reason'>;
  readonly #faults: Counter;
  readonly #scrapeErrors: Counter<'cause'>;
  readonly #frames: Readonly<Record<Direction, Counter.Internal>>;

  constructor(census: Census, logLosses: LogLosses) {
    const registers = [this.#registry];
    const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
      new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers });
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
    const frames = counter('frames_forwarded_total', 'Frames handed to the network in full.', 'direction');
    this.#graceExpiries = counter('grace_expiries_total', 'Grace periods that ended without a reclaim.');
    this.#upgrades = counter(
      'ws_upgrade_attempts_total',
      'Terminal decisions on WebSocket dials.',
      'endpoint',
      'outcome',
    );
    this.#failures = counter('register_failures_total', 'Claims and registrations refused.', 'kind');
    const pushWakes = counter('push_wakes_total', 'Push wakes; none is sent while push is off.', 'outcome');
    this.#takeovers = counter(
      'takeovers_total',
      'Server-ids taken from a binary that did not answer its probe.',
    );
    this.#ends = counter(
      'connections_left_total',
      'Admitted connections that ended, by cause.',
      'role',
      'cause',
    );
    this.#drops = counter('envelopes_dropped_total', 'Messages of binaries that reached no phone.', 'reason');
    this.#notices = counter('close_notices_total', 'Close notices owed to a binary.', 'outcome');
    this.#pauses = counter('phone_pauses_total', 'Times a phone was not read because its binary was slow.');
    this.#violations = counter(
      'protocol_violations_total',
      'Connections the WebSocket layer closed: oversize, bad frames, bad UTF-8.',
      'role',
    );
    this.#headerFaults = counter(
      'header_faults_total',
      'Dials refused for a routing header.',
      'endpoint',
      'header',
      'problem',
    );
    this.#refusals = counter(
      'http_requests_refused_total',
      'Requests that no listener takes, whatever they ask for.',
      'listener',
      'reason',
    );
    this.#notTaken = counter(
      'connections_not_taken_total',
      'Connections that could not be accepted; the listener goes on.',
      'listener',
      'reason',
    );
    this.#faults = counter('internal_faults_total', 'Actors and listeners that threw. Always a bug.');
    this.#scrapeErrors = new Counter({
      name: 'promhttp_metric_handler_errors_total',
      help: 'Scrapes that failed.',
      labelNames: ['cause'],
      registers,
    });

    for (const endpoint of ENDPOINTS) {
      for (const outcome of OUTCOMES) this.#upgrades.inc({ endpoint, outcome }, 0);
    }
    for (const role of ROLES) {
      this.#violations.inc({ role }, 0);
      for (const cause of CAUSES) this.#ends.inc({ role, cause }, 0);
    }
    for (const endpoint of ENDPOINTS) {
      for (const header of ROUTING_HEADERS) {
        for (const problem of Object.keys(HEADER_PROBLEMS))
          this.#headerFaults.inc({ endpoint, header, problem }, 0);
      }
    }
    for (const listener of LISTENERS) {
      for (const reason of ACCEPT_FAULTS) this.#notTaken.inc({ listener, reason }, 0);
      for (const reason of REFUSALS) this.#refusals.inc({ listener, reason }, 0);
    }
    for (const kind of FAILURES) this.#failures.inc({ kind }, 0);
    for (const outcome of PUSH_OUTCOMES) pushWakes.inc({ outcome }, 0);
    for (const reason of DROPS) this.#drops.inc({ reason }, 0);
    for (const outcome of ['sent', 'lost']) this.#notices.inc({ outcome }, 0);
    for (const cause of SCRAPE_ERRORS) this.#scrapeErrors.inc({ cause }, 0);
    for (const direction of DIRECTIONS) frames.inc({ direction }, 0);
    this.#frames = {
      phone_to_binary: frames.labels('phone_to_binary'),
      binary_to_phone: frames.labels('binary_to_phone'),
    };
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

  framesForwarded(direction: Direction, count: number): void {
    this.#frames[direction].inc(count);
  }

  #refused(role: Role, closeCode: number): void {
    const known = OUTCOME_OF_CODE.get(closeCode);
    if (known === undefined) return;
    this.#upgrades.inc({ endpoint: endpointOf(role), outcome: known.outcome });
    this.#failures.inc({ kind: known.failure });
  }

  #dropped(reason: Drop): void {
    this.#drops.inc({ reason });
  }

  observe(seen: Observation): void {
    switch (seen.type) {
      case 'request.refused':
        this.#refusals.inc({ listener: seen.listener, reason: seen.reason });
        return;
      case 'connection.not_taken':
        this.#notTaken.inc({ listener: seen.listener, reason: seen.reason });
        return;
      case 'upgrade.refused':
        this.#upgrades.inc({ endpoint: endpointOf(seen.role), outcome: 'reject_headers' });
        this.#headerFaults.inc({ endpoint: endpointOf(seen.role), ...seen.fault });
        return;
      case 'binary.admitted':
        this.#upgrades.inc({ endpoint: 'server', outcome: 'accept' });
        if (seen.kind === 'takeover') this.#takeovers.inc();
        return;
      case 'phone.admitted':
        this.#upgrades.inc({ endpoint: 'client', outcome: 'accept' });
        return;
      case 'binary.refused':
        this.#refused('binary', seen.closeCode);
        return;
      case 'phone.refused':
        this.#refused('phone', seen.closeCode);
        return;
      case 'grace.expired':
        this.#graceExpiries.inc();
        return;
      case 'connection.left':
        this.#ends.inc({ role: seen.role, cause: seen.cause });
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
      case 'protocol.violated':
        this.#violations.inc({ role: seen.role });
        return;
      case 'server.failed':
      case 'connection.failed':
      case 'event.undeliverable':
      case 'effect.failed':
        this.#faults.inc();
        return;
      case 'connection.cut_short':
      case 'grace.started':
      case 'phone.ended':
      case 'phone.unheard':
      case 'phone.dismissed':
      case 'read.ended':
    }
  }
}
