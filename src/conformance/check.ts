/** The result of a check that is not a path: of one timer, or of one difference. */

export interface Check {
  readonly group: 'timer' | 'difference';
  /** What `--only` takes. */
  readonly id: string;
  readonly title: string;
  readonly kind: 'passed' | 'failed' | 'skipped' | 'inconclusive';
  /** What was seen and what was expected, or why nothing was. */
  readonly text: string;
}

const WORDS: Readonly<Record<Check['kind'], string>> = {
  passed: 'PASS',
  failed: 'FAIL',
  skipped: 'SKIP',
  inconclusive: 'INCONCLUSIVE',
};

/** One line per check. */
export const checkLines = (checks: readonly Check[]): string[] =>
  checks.map(({ group, id, title, kind, text }) => {
    const again = kind === 'passed' || kind === 'skipped' ? '' : `   --only ${id}`;
    return `${WORDS[kind]} ${group} ${title} → ${text}${again}`;
  });
