/** Parses the command lines of the commands beside the daemon. */
import { parseArgs } from 'node:util';
import { ConfigError } from './read-config.ts';

export interface CommandLine {
  /** Values by flag; flags that were not given are absent. */
  readonly texts: ReadonlyMap<string, string>;
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

/**
 * @param texts flags that take a value
 * @param switches flags without a value, except `--help`, which every command has
 * @throws ConfigError for any other argument, including a repeated flag
 */
export const readCommandLine = (
  args: readonly string[],
  texts: readonly string[],
  switches: readonly string[],
): CommandLine => {
  const options = Object.fromEntries([
    ...texts.map((flag) => [flag, { type: 'string' as const, multiple: true }]),
    ...switches.map((flag) => [flag, { type: 'boolean' as const }]),
    ['help', { type: 'boolean' as const, short: 'h' }],
  ]);
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const given: Readonly<Record<string, unknown>> = values;
    const found = new Map<string, string>();
    for (const flag of texts) {
      const value: unknown = given[flag];
      if (!Array.isArray(value)) continue;
      const [text, ...more]: unknown[] = value;
      if (more.length > 0) throw new ConfigError(`--${flag} is given twice`);
      if (text === '' || typeof text !== 'string') throw new ConfigError(`--${flag} needs a value`);
      found.set(flag, text);
    }
    return {
      texts: found,
      switches: new Set([...switches, 'help'].filter((flag) => given[flag] === true)),
      positionals,
    };
  } catch (error) {
    const first = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    throw new ConfigError(`${first}; see --help`);
  }
};
