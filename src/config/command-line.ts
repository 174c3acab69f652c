/** Parses the command lines of the commands beside the daemon. */
import { parseArgs } from 'node:util';
import { visibleText } from '../protocol/visible-text.ts';
import { ConfigError } from './config-error.ts';
import { suggestion } from './nearest-flag.ts';

export interface CommandLine {
  /** Values by flag; flags that were not given are absent. */
  readonly texts: ReadonlyMap<string, string>;
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

/**
 * @param texts flags that take a value
 * @param switches flags without a value, except `--help`, which every command has
 * @param help where errors point
 * @throws ConfigError for any other argument, including a repeated flag
 */
export const readCommandLine = (
  args: readonly string[],
  texts: readonly string[],
  switches: readonly string[],
  help = '--help',
): CommandLine => {
  const wrong = (what: string): ConfigError => new ConfigError(`${what}; see ${help}`);
  const options = Object.fromEntries([
    ...texts.map((flag) => [flag, { type: 'string' as const }]),
    ...switches.map((flag) => [flag, { type: 'boolean' as const }]),
    ['help', { type: 'boolean' as const, short: 'h' }],
  ]);
  // Strict parsing throws its own texts, some of them over several lines.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const found = new Map<string, string>();
  const given = new Set<string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (!Object.hasOwn(options, name)) {
      const meant = suggestion(rawName, Object.keys(options));
      throw wrong(`unknown flag "${visibleText(rawName)}"${meant}`);
    }
    if (found.has(name) || given.has(name)) throw wrong(`${rawName} is given twice`);
    if (!texts.includes(name)) {
      if (value !== undefined) throw wrong(`${rawName} takes no value`);
      given.add(name);
      continue;
    }
    if (value === undefined || value === '') throw wrong(`${rawName} needs a value`);
    // Rather the next flag than a value: `--out --json`.
    if (value.startsWith('-') && !token.inlineValue)
      throw wrong(`${rawName} needs a value; one that begins with a dash is given as ${rawName}=VALUE`);
    found.set(name, value);
  }
  return { texts: found, switches: given, positionals };
};
