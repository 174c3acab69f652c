/** Which refusals get a log line: strangers cause them, as many as they like. */

import { subscriberOf } from '../protocol/peer-address.ts';
import type { Observation } from '../transport/observation.ts';
import { LineLimit } from './line-limit.ts';
import { MAX_REMEMBERED_REFUSALS, REFUSAL_LINE_PERIOD_MS } from './log-limits.ts';

interface Kind {
  readonly remote: string;
  /** One of a closed set: no peer can make more of them. */
  readonly cause: string;
}

/** Undefined for what is no refusal. */
const kindOf = (seen: Observation): Kind | undefined => {
  switch (seen.type) {
    case 'upgrade.refused':
      return { remote: seen.remote, cause: `${seen.role} ${seen.fault.header} ${seen.fault.problem}` };
    case 'request.refused':
      return seen.explanation === ''
        ? undefined
        : { remote: seen.remote, cause: `${seen.listener} ${seen.reason}` };
    case 'admission.refused':
      return { remote: seen.remote, cause: `${seen.limit} ${seen.path}` };
    case 'connection.not_taken':
      // A fault of the whole process: who dials meanwhile does not matter.
      return { remote: '', cause: `${seen.listener} ${seen.reason} ${seen.err}` };
    case 'tls.failed':
      return seen.fault === 'ended'
        ? undefined
        : { remote: seen.remote, cause: `${seen.type} ${seen.fault}` };
    case 'proxy_header.refused':
      return { remote: seen.remote, cause: `${seen.type} ${seen.fault}` };
    default:
      return undefined;
  }
};

export class RefusalLines {
  readonly #limit: LineLimit;
  /** Of causes, for when the other is full: else a flood of one cause, from many addresses, would hide that a limit is reached. */
  readonly #causes: LineLimit;
  #withheldLines = 0;

  constructor(nowMs: () => number) {
    const periodMs = REFUSAL_LINE_PERIOD_MS;
    this.#limit = new LineLimit({ maxKinds: MAX_REMEMBERED_REFUSALS, periodMs, nowMs });
    this.#causes = new LineLimit({ maxKinds: MAX_REMEMBERED_REFUSALS, periodMs, nowMs });
  }

  /** First lines of their kind that were not written, because too many kinds are remembered. */
  get withheldLines(): number {
    return this.#withheldLines;
  }

  mayLog(seen: Observation): boolean {
    const kind = kindOf(seen);
    if (kind === undefined) return true;
    const verdict = this.#limit.allows(`${subscriberOf(kind.remote)} ${kind.cause}`);
    if (verdict !== 'full') return verdict === 'yes';
    if (this.#causes.allows(kind.cause) === 'yes') return true;
    this.#withheldLines++;
    return false;
  }
}
