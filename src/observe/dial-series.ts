/** Series about dials: what the listeners refuse, and how the others end before they are admitted. */
import type { Counter, Registry } from 'prom-client';
import { HEADER_PROBLEMS, ROUTING_HEADERS, type Role } from '../protocol/routing-headers.ts';
import type { ListenerName, Observation, Watcher } from '../transport/observation.ts';
import type { AcceptFault, RequestRefusal } from '../transport/request-refusal.ts';
import { counterIn, everyOf } from './own-series.ts';

const OUTCOMES = [
  'accept',
  'reject_headers',
  'reject_409',
  'reject_404',
  'reject_429',
  'reject_1008',
  'reject_rate_limit',
] as const;
const ENDPOINTS = ['server', 'client'] as const;
const FAILURES = ['no_server', 'server_in_use', 'phones_at_cap', 'control_frames', 'ratelimit'] as const;
const LISTENERS = everyOf<ListenerName>({ public: true, acme: true, metrics: true, inspect: true });
const REFUSALS = everyOf<RequestRefusal>({
  host_missing: true,
  host_repeated: true,
  host_malformed: true,
  target_malformed: true,
  body: true,
  no_upgrade: true,
  method: true,
  websocket_version: true,
  websocket_key: true,
  pipelined: true,
  foreign: true,
  connect: true,
  http2: true,
  malformed: true,
  incomplete: true,
  head_too_long: true,
  timeout: true,
  misdirected: true,
});
const ACCEPT_FAULTS = everyOf<AcceptFault>({ no_descriptors: true, accept_failed: true });

type Outcome = (typeof OUTCOMES)[number];
type Failure = (typeof FAILURES)[number];

/** Close code 4429 counts as `reject_429`; HTTP 429 for the rate counts as `reject_rate_limit`. */
const OUTCOME_OF_CODE: ReadonlyMap<number, { readonly outcome: Outcome; readonly failure: Failure }> =
  new Map([
    [4404, { outcome: 'reject_404', failure: 'no_server' }],
    [4409, { outcome: 'reject_409', failure: 'server_in_use' }],
    [1008, { outcome: 'reject_1008', failure: 'control_frames' }],
    [4429, { outcome: 'reject_429', failure: 'phones_at_cap' }],
  ]);

const endpointOf = (role: Role): (typeof ENDPOINTS)[number] => (role === 'binary' ? 'server' : 'client');

export class DialSeries implements Watcher {
  readonly #upgrades: Counter<'endpoint' | 'outcome'>;
  readonly #failures: Counter<'kind'>;
  readonly #headerFaults: Counter<'endpoint' | 'header' | 'problem'>;
  readonly #refusals: Counter<'listener' | 'reason'>;
  readonly #notTaken: Counter<'listener' | 'reason'>;

  constructor(registry: Registry) {
    const counter = counterIn(registry);
    this.#upgrades = counter(
      'ws_upgrade_attempts_total',
      'Terminal decisions on WebSocket dials.',
      'endpoint',
      'outcome',
    );
    this.#failures = counter('register_failures_total', 'Claims and registrations refused.', 'kind');
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

    for (const endpoint of ENDPOINTS) {
      for (const outcome of OUTCOMES) this.#upgrades.inc({ endpoint, outcome }, 0);
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
  }

  #decided(role: Role, outcome: Outcome): void {
    this.#upgrades.inc({ endpoint: endpointOf(role), outcome });
  }

  #refused(role: Role, closeCode: number): void {
    const known = OUTCOME_OF_CODE.get(closeCode);
    if (known === undefined) return;
    this.#decided(role, known.outcome);
    this.#failures.inc({ kind: known.failure });
  }

  observe(seen: Observation): void {
    switch (seen.type) {
      case 'request.refused':
        this.#refusals.inc({ listener: seen.listener, reason: seen.reason });
        return;
      case 'connection.not_taken':
        this.#notTaken.inc({ listener: seen.listener, reason: seen.reason });
        return;
      case 'admission.refused':
        if (seen.limit !== 'rate') return;
        this.#upgrades.inc({
          endpoint: seen.path === '/v1/server' ? 'server' : 'client',
          outcome: 'reject_rate_limit',
        });
        this.#failures.inc({ kind: 'ratelimit' });
        return;
      case 'upgrade.refused':
        this.#decided(seen.role, 'reject_headers');
        this.#headerFaults.inc({ endpoint: endpointOf(seen.role), ...seen.fault });
        return;
      case 'binary.admitted':
        this.#decided('binary', 'accept');
        return;
      case 'phone.admitted':
        this.#decided('phone', 'accept');
        return;
      case 'binary.refused':
        this.#refused('binary', seen.closeCode);
        return;
      case 'phone.refused':
        this.#refused('phone', seen.closeCode);
        return;
      default:
        return;
    }
  }
}
