/** Reads the flags of the commands that dial a relay or print its charts. */
import { readCommandLine } from '../config/command-line.ts';
import { readCount, readDuration } from '../config/quantities.ts';
import { ConfigError } from '../config/read-config.ts';

export type Texts<F> = { readonly [K in keyof F]: string };

/** @throws ConfigError for an unknown flag, a flag without a value, or too many positional arguments */
export const readFlags = <F extends Readonly<Record<string, string>>>(
  args: readonly string[],
  flags: F,
  ownSwitches: readonly string[] = [],
): {
  readonly texts: Texts<F>;
  readonly positionals: readonly string[];
  readonly help: boolean;
  readonly switches: ReadonlySet<string>;
} => {
  const { texts, switches, positionals } = readCommandLine(args, Object.keys(flags), ownSwitches);
  const completed = Object.fromEntries(
    Object.entries(flags).map(([flag, fallback]) => [flag, texts.get(flag) ?? fallback]),
  );
  // Made from the keys of `flags`, all with string values.
  return { texts: completed as Texts<F>, positionals, help: switches.has('help'), switches };
};

export const readChoice = <C extends string>(flag: string, text: string, choices: readonly C[]): C => {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new ConfigError(`--${flag} takes ${choices.join(' or ')}, not "${text}"`);
  return choice;
};

export const readNumber = (flag: string, text: string, least: number, most: number): number => {
  const value = readCount(text);
  if (value === undefined || value < least || value > most) {
    throw new ConfigError(`--${flag} takes a whole number from ${least} to ${most}, not "${text}"`);
  }
  return value;
};

export const readTime = (flag: string, text: string): number => {
  const value = readDuration(text);
  if (value === undefined || value === 0) {
    throw new ConfigError(`--${flag} takes a duration such as 500ms, 30s or 2m, not "${text}"`);
  }
  return value;
};

/** @param command for the text of errors */
export const readBase = (command: string, positionals: readonly string[]): string => {
  const [base, extra] = positionals;
  if (base === undefined || extra !== undefined) {
    throw new ConfigError(`${command} takes one address, such as ws://127.0.0.1:8080; see --help`);
  }
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (url === undefined || !['ws:', 'wss:'].includes(url.protocol) || url.hostname === '') {
    throw new ConfigError(
      `${command} takes a ws:// or wss:// address, such as ws://127.0.0.1:8080, not "${base}"`,
    );
  }
  return base.replace(/\/+$/, '');
};

export const readCaFile = (base: string, text: string): string | undefined => {
  if (text !== '' && !base.startsWith('wss:')) throw new ConfigError('--ca is for wss:// addresses');
  return optional(text);
};

export const optional = (text: string): string | undefined => (text === '' ? undefined : text);
