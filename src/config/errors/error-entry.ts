/** What docs/errors.md says of one line on stderr. */

export interface ErrorEntry {
  /** As it is written, with `<name>` for what differs from case to case. */
  readonly line: string;
  readonly means: string;
  /** What to do about it. */
  readonly todo: string;
}

export interface ErrorGroup {
  readonly title: string;
  /** The exit code, and where the lines are met. */
  readonly about: string;
  readonly entries: readonly ErrorEntry[];
}

/** @param row the line, what it means, what to do */
export const entriesOf = (
  rows: readonly (readonly [line: string, means: string, todo: string])[],
): readonly ErrorEntry[] => rows.map(([line, means, todo]) => ({ line, means, todo }));
