/** The target does not do what a relay does. The message says what was expected, and what came. */
export class ProbeFault extends Error {
  override readonly name = 'ProbeFault';
}
