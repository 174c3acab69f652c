/** What is wrong with the configuration. */
import { visibleJson } from '../protocol/visible-text.ts';

const textOf = (flags: readonly string[], problem: string, given: ReadonlyMap<string, string>): string => {
  const sources = flags.map((flag) => given.get(flag) ?? `--${flag}`);
  return `${sources.join(', ')}: ${problem}`;
};

/** One line that names the invalid input and what is accepted. The process exits 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Of a setting whose value has the right form, and cannot be used. The text begins with that value. */
export class SettingError extends ConfigError {
  readonly #flags: readonly string[];
  readonly #problem: string;

  /** @param flags whose values it is about, without dashes */
  constructor(flags: readonly string[], problem: string) {
    super(textOf(flags, problem, new Map()));
    this.#flags = flags;
    this.#problem = problem;
  }

  /** @param given where each was set, by flag */
  asGiven(given: ReadonlyMap<string, string>): ConfigError {
    return new ConfigError(textOf(this.#flags, this.#problem, given));
  }
}

/**
 * What becomes of a fault: it is thrown, so that nothing starts, or noted by a command that goes on to the next check. Who reports
 * goes on as if the input that it is about were not there.
 */
export type Report = (fault: ConfigError) => void;

export const throwFault: Report = (fault) => {
  throw fault;
};

/** In place of a value that may be a secret. */
export const UNSHOWN = 'this value, which is not shown: it may be a key';

const MAX_QUOTED_CHARACTERS = 60;

/** Shortened, so that an error is one line for any input; invisible characters are escaped. */
export const quote = (text: string): string =>
  visibleJson(
    JSON.stringify(text.length > MAX_QUOTED_CHARACTERS ? `${text.slice(0, MAX_QUOTED_CHARACTERS)}…` : text),
  );
