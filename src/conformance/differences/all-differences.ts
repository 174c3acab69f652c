/** Every difference from the Go relay that the command knows. */
import type { Asked, Difference } from './difference.ts';
import { FRAME_DIFFERENCES } from './frame-differences.ts';
import { PATH_DIFFERENCES } from './path-differences.ts';
import { REQUEST_DIFFERENCES } from './request-differences.ts';

export const DIFFERENCES: readonly Difference[] = [
  ...PATH_DIFFERENCES,
  ...FRAME_DIFFERENCES,
  ...REQUEST_DIFFERENCES,
];

/** Those that no path shows. */
export const QUESTIONS: readonly Asked[] = DIFFERENCES.flatMap(({ id, what, question }) =>
  question === undefined ? [] : [{ id, what, question }],
);
