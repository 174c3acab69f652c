/** The log of one relay: the lines of what is reported, within their bounds, and what was left out of them. */

import type { Observation, Watcher } from '../transport/observation.ts';
import { safeSink } from './fan-out.ts';
import { LineShares } from './line-shares.ts';
import { logObservation } from './log.ts';
import { LOG_SWEEP_INTERVAL_MS } from './log-limits.ts';
import type { LogSink } from './log-line.ts';
import { RefusalLines } from './refusal-lines.ts';

const SILENT: LogSink = { info: () => {}, warn: () => {}, error: () => {} };

export class RelayLog implements Watcher {
  /** For lines that no peer can repeat. */
  readonly sink: LogSink;
  readonly #shares: LineShares;
  readonly #refusals = new RefusalLines(() => performance.now());
  readonly #sweep: NodeJS.Timeout;

  /** @param failed called each time `sink` has thrown */
  constructor(sink: LogSink | undefined, failed: () => void) {
    this.sink = safeSink(sink ?? SILENT, failed);
    this.#shares = new LineShares(this.sink, () => performance.now());
    this.#sweep = setInterval(() => this.#shares.sweep(), LOG_SWEEP_INTERVAL_MS).unref();
  }

  /** Lines so far, as `LogLosses` names them. */
  get refusalsWithheld(): number {
    return this.#refusals.withheldLines;
  }

  get leftOut(): number {
    return this.#shares.leftOutLines;
  }

  observe(observation: Observation): void {
    if (this.#refusals.mayLog(observation)) logObservation(this.#shares, observation);
  }

  end(): void {
    clearInterval(this.#sweep);
    this.#shares.end();
  }
}
