/** Every difference from the Go relay that the command knows. */
import type { Asked, Difference } from './difference.ts';
import { ENVELOPE_DIFFERENCES } from './envelope-differences.ts';
import { FAULT_DIFFERENCES } from './fault-differences.ts';
import { FRAME_DIFFERENCES } from './frame-differences.ts';
import { LIVENESS_DIFFERENCES } from './liveness-differences.ts';
import { PATH_DIFFERENCES } from './path-differences.ts';
import { REFUSAL_DIFFERENCES } from './refusal-differences.ts';
import { REQUEST_DIFFERENCES } from './request-differences.ts';

export const DIFFERENCES: readonly Difference[] = [
  ...PATH_DIFFERENCES,
  ...ENVELOPE_DIFFERENCES,
  ...FRAME_DIFFERENCES,
  ...FAULT_DIFFERENCES,
  ...LIVENESS_DIFFERENCES,
  ...REQUEST_DIFFERENCES,
  ...REFUSAL_DIFFERENCES,
];

/** Those that no path shows. */
export const QUESTIONS: readonly Asked[] = DIFFERENCES.flatMap(({ id, what, question }) =>
  question === undefined ? [] : [{ id, what, question }],
);
