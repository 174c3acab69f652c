/** Parses the command line of the daemon. */
import { parseArgs } from 'node:util';
import { ConfigError, quote, type Report, throwFault } from './config-error.ts';
import { suggestion } from './nearest-flag.ts';
import { readSwitch } from './quantities.ts';
import type { Setting } from './setting-kinds.ts';
import { settingNames, settings } from './settings.ts';

export interface Flags {
  readonly isHelp: boolean;
  readonly isVersion: boolean;
  /** Values by flag; flags that were not given are absent. */
  readonly texts: ReadonlyMap<string, string>;
}

/** All settings by their flags. */
export const settingsByFlag: ReadonlyMap<string, Setting<unknown>> = new Map(
  settingNames.map((name) => [settings[name].flag, settings[name]]),
);

const PROGRAM_FLAGS: ReadonlySet<string> = new Set(['help', 'version']);

/**
 * Go programs, such as the relay before this one, take flags with one dash as well as with two, and a switch without a value is true.
 */
const asLongFlag = (argument: string): string => {
  const [, flag = '', value] = /^--?([a-z][a-z0-9-]+)(=.*)?$/s.exec(argument) ?? [];
  const setting = settingsByFlag.get(flag);
  if (setting !== undefined && setting.placeholder === undefined) return `--${flag}${value ?? '=true'}`;
  return setting !== undefined || PROGRAM_FLAGS.has(flag) ? `--${flag}${value ?? ''}` : argument;
};

/** The flag of a switch without a value, with two dashes; undefined for any other argument. */
const switchBefore = (argument = ''): string | undefined => {
  const flag = argument.replace(/^--?/, '');
  const setting = flag === argument ? undefined : settingsByFlag.get(flag);
  return setting !== undefined && setting.placeholder === undefined ? `--${flag}` : undefined;
};

const unknownFlag = (argument: string): ConfigError => {
  const [flag = ''] = argument.split('=');
  const meant = suggestion(flag, [...settingsByFlag.keys(), ...PROGRAM_FLAGS]);
  return new ConfigError(`unknown flag ${quote(flag)}${meant}; see --help`);
};

/** @param before the argument in front of it */
const unexpected = (before: string | undefined, argument: string): ConfigError => {
  const separated = switchBefore(before);
  return separated !== undefined && readSwitch(argument) !== undefined
    ? new ConfigError(`${separated} takes no separate value: ${separated} or ${separated}=false`)
    : new ConfigError(`unexpected argument ${quote(argument)}: every setting is a --flag; see --help`);
};

/** Reports an unknown flag, one that is given twice or lacks its value, and any other argument. */
export const readFlags = (args: readonly string[], report: Report = throwFault): Flags => {
  const options = Object.fromEntries([
    ...[...settingsByFlag.keys()].map((flag) => [flag, { type: 'string' as const }]),
    ['help', { type: 'boolean' as const, short: 'h' }],
    ['version', { type: 'boolean' as const, short: 'v' }],
  ]);
  // Strict parsing throws its own error at the first unknown argument; ours name what to do.
  const { values, tokens } = parseArgs({ args: args.map(asLongFlag), options, strict: false, tokens: true });
  const texts = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') {
      report(unexpected(args[token.index - 1], token.value));
      continue;
    }
    if (token.kind !== 'option') continue;
    const setting = settingsByFlag.get(token.name);
    if (setting === undefined) {
      if (!PROGRAM_FLAGS.has(token.name)) report(unknownFlag(args[token.index] ?? ''));
      else if (token.value !== undefined) report(new ConfigError(`${token.rawName} takes no value`));
      continue;
    }
    if (token.value === undefined)
      report(new ConfigError(`${token.rawName} needs a value: ${setting.takes}`));
    else if (texts.has(token.name)) report(new ConfigError(`${token.rawName} is given twice`));
    else texts.set(token.name, token.value);
  }
  return { isHelp: values['help'] === true, isVersion: values['version'] === true, texts };
};
