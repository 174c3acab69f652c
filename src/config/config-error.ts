/** What is wrong with the configuration. */

/** One line that names the invalid input and what is accepted. The process exits 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const MAX_QUOTED_CHARACTERS = 60;

/** Shortened, so that an error is one line for any input. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > MAX_QUOTED_CHARACTERS ? `${text.slice(0, MAX_QUOTED_CHARACTERS)}…` : text);
