#!/usr/bin/env node
/** The executable: catches signals before it loads anything else, and says how it ended by its exit code. */
import { catchSignals } from './signals.ts';

const EXIT_FAILED = 1;
const EXIT_CONFIG = 2;

catchSignals();

/** One line where the message says all: a wrong setting, a port in use, a package that is not installed. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return `failed with ${String(error)}`;
  const saysAll = error.name === 'ConfigError' || 'code' in error;
  return saysAll ? error.message : (error.stack ?? error.message);
};

try {
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(process.argv.slice(2));
} catch (error) {
  const code = error instanceof Error && error.name === 'ConfigError' ? EXIT_CONFIG : EXIT_FAILED;
  // Not by itself: a log that nobody reads would keep the process.
  process.stderr.write(`pyrycode-relay: ${reasonOf(error)}\n`, () => process.exit(code));
}
