/** Metrics of what the log does not say. */
import { droppedLogKeys } from './log-line.ts';

/** Each returns the number of lines so far. */
export interface LogLosses {
  /** Stdout was stalled or failed. */
  readonly dropped: () => number;
  /** First refusals of their kind, of which too many were remembered. */
  readonly refusalsWithheld: () => number;
  /** Counted instead of logged in full. */
  readonly leftOut: () => number;
}

type AddGauge = (name: string, help: string, read: () => number) => void;

export const addLogLosses = (gauge: AddGauge, { dropped, refusalsWithheld, leftOut }: LogLosses): void => {
  gauge('log_lines_dropped', 'Log lines lost because stdout was not read.', dropped);
  gauge('refusal_lines_withheld', 'First refusals of their kind that no log line says.', refusalsWithheld);
  gauge('log_keys_dropped', 'Keys that no log line may have, and none has. Always a bug.', droppedLogKeys);
  gauge('log_lines_left_out', 'Lines that lines_left_out counts, because a peer repeats them.', leftOut);
};
