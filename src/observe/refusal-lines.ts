/** Which refusals get a log line: strangers cause them, as many as they like. */
import { MAX_REMEMBERED_REFUSALS, REFUSAL_LINE_PERIOD_MS } from '../protocol/limits.ts';
import type { Observation } from '../transport/observation.ts';
import { LineLimit } from './line-limit.ts';

/** Undefined for what is no refusal. */
const kindOf = (seen: Observation): string | undefined => {
  switch (seen.type) {
    case 'connection.not_taken':
      return `${seen.listener} ${seen.reason} ${seen.err}`;
    default:
      return undefined;
  }
};

export class RefusalLines {
  readonly #limit: LineLimit;

  constructor(nowMs: () => number) {
    this.#limit = new LineLimit({
      maxKinds: MAX_REMEMBERED_REFUSALS,
      periodMs: REFUSAL_LINE_PERIOD_MS,
      nowMs,
    });
  }

  mayLog(seen: Observation): boolean {
    const kind = kindOf(seen);
    return kind === undefined || this.#limit.allows(kind) === 'yes';
  }
}
