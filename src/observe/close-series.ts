/** Series about close codes. A peer may send any of 3000 to 4999: those that nobody has agreed on share one series. */
import type { Counter, Registry } from 'prom-client';
import type { Role } from '../protocol/routing-headers.ts';
import type { Observation, Watcher } from '../transport/observation.ts';
import { counterIn, everyOf } from './own-series.ts';

const ROLES = everyOf<Role>({ binary: true, phone: true });
/** Of RFC 6455 section 7.4, and of the protocol between daemons and phones. */
const CODES: ReadonlySet<number> = new Set([
  1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 4401, 4404, 4408, 4409,
  4413, 4421, 4426, 4429,
]);
const OTHER = 'other';
/** Reported for an end without a code, or without a close frame; never on the wire. */
const RECEIVED_ONLY: ReadonlySet<number> = new Set([1005, 1006]);
/** With which ws closes by itself, by the end of its error code. */
const OBJECTIONS: readonly (readonly [string, number])[] = [
  ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009],
  ['WS_ERR_INVALID_UTF8', 1007],
  ['WS_ERR_TOO_MANY_BUFFERED_PARTS', 1008],
];
const PROTOCOL_ERROR = 1002;

const objection = (code: string): number =>
  OBJECTIONS.find(([ending]) => code.endsWith(ending))?.[1] ?? PROTOCOL_ERROR;

const labelOf = (closeCode: number): string => (CODES.has(closeCode) ? String(closeCode) : OTHER);

export class CloseSeries implements Watcher {
  readonly #closes: Counter<'way' | 'role' | 'code'>;

  constructor(registry: Registry) {
    this.#closes = counterIn(registry)(
      'close_codes_total',
      'Close codes that the relay sent (out), and that peers sent or ended without (in).',
      'way',
      'role',
      'code',
    );
    for (const role of ROLES) {
      for (const code of [...CODES, OTHER]) {
        this.#closes.inc({ way: 'in', role, code }, 0);
        if (!RECEIVED_ONLY.has(Number(code))) this.#closes.inc({ way: 'out', role, code }, 0);
      }
    }
  }

  observe(seen: Observation): void {
    switch (seen.type) {
      case 'close.sent':
        this.#closes.inc({ way: 'out', role: seen.role, code: labelOf(seen.closeCode) });
        return;
      case 'protocol.violated':
        this.#closes.inc({ way: 'out', role: seen.role, code: labelOf(objection(seen.code)) });
        return;
      case 'close.received':
        this.#closes.inc({ way: 'in', role: seen.role, code: labelOf(seen.closeCode) });
        return;
      default:
        return;
    }
  }
}
