/** Which refusals get a log line: strangers cause them, as many as they like. */
import { MAX_REMEMBERED_REFUSALS, REFUSAL_LINE_PERIOD_MS } from '../protocol/limits.ts';
import { subscriberOf } from '../protocol/peer-address.ts';
import type { Observation } from '../transport/observation.ts';
import { LineLimit } from './line-limit.ts';

/** Undefined for what is no refusal. */
const kindOf = (seen: Observation): string | undefined => {
  switch (seen.type) {
    case 'upgrade.refused':
      return `${subscriberOf(seen.remote)} ${seen.role} ${seen.fault.header} ${seen.fault.problem}`;
    case 'request.refused':
      return seen.explanation === ''
        ? undefined
        : `${subscriberOf(seen.remote)} ${seen.listener} ${seen.reason}`;
    case 'admission.refused':
      return `${subscriberOf(seen.remote)} ${seen.limit} ${seen.path}`;
    case 'connection.not_taken':
      return `${seen.listener} ${seen.reason} ${seen.err}`;
    case 'tls.failed':
      return seen.fault === 'ended' ? undefined : `${subscriberOf(seen.remote)} ${seen.type} ${seen.fault}`;
    case 'proxy_header.refused':
      return `${subscriberOf(seen.remote)} ${seen.type} ${seen.fault}`;
    default:
      return undefined;
  }
};

export class RefusalLines {
  readonly #limit: LineLimit;
  #withheldLines = 0;

  constructor(nowMs: () => number) {
    this.#limit = new LineLimit({
      maxKinds: MAX_REMEMBERED_REFUSALS,
      periodMs: REFUSAL_LINE_PERIOD_MS,
      nowMs,
    });
  }

  /** First lines of their kind that were not written, because too many kinds are remembered. */
  get withheldLines(): number {
    return this.#withheldLines;
  }

  mayLog(seen: Observation): boolean {
    const kind = kindOf(seen);
    if (kind === undefined) return true;
    const verdict = this.#limit.allows(kind);
    if (verdict === 'full') this.#withheldLines++;
    return verdict === 'yes';
  }
}
