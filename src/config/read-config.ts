/** A flag overrides the environment, that the configuration file, that the default (spec section 7 and our own settings). */
import { ConfigError, quote, type Report, throwFault, UNSHOWN } from './config-error.ts';
import { checkContradictions } from './contradictions.ts';
import type { Given } from './flag-combinations.ts';
import { type Flags, readFlags } from './flags.ts';
import type { Setting } from './setting-kinds.ts';
import { type Config, type ConfigOptions, type SettingName, settingNames, settings } from './settings.ts';

export { ConfigError };

export type Env = Readonly<Record<string, string | undefined>>;

/** Settings of the configuration file by flag, as text that the flag takes; `source` is what an error calls them. */
export type FileSettings = ReadonlyMap<string, { readonly text: string; readonly source: string }>;

/** The configuration file, and the flag or variable that names it. */
export interface NamedFile {
  readonly path: string;
  readonly source: string;
}

export interface RunCommand {
  readonly kind: 'run';
  readonly config: Config;
  readonly given: Given;
}

export type Command = { readonly kind: 'help' } | { readonly kind: 'version' } | RunCommand;

export const ENV_PREFIX = 'PYRYCODE_RELAY_';

export const envName = (flag: string): string => `${ENV_PREFIX}${flag.toUpperCase().replaceAll('-', '_')}`;

interface Found {
  /** Undefined if it cannot be used. */
  readonly value: unknown;
  readonly source: string;
}

/** A URL can have a password in front of its host, and a JSON text be a key: errors end up in logs. */
const shownOf = (text: string, isSecret: boolean): string => {
  if (isSecret) return UNSHOWN;
  if (text.trimStart().startsWith('{')) return 'a JSON text';
  return text.includes('://') && text.includes('@') ? 'one with a password' : quote(text);
};

/** Undefined if nobody has set it. */
const findSetting = (
  name: SettingName,
  { texts }: Flags,
  env: Env,
  file: FileSettings,
  report: Report,
): Found | undefined => {
  const {
    flag,
    read,
    check,
    takes,
    readVariable = read,
    isSecret = false,
  }: Setting<unknown> = settings[name];
  const variable = envName(flag);
  const given =
    [
      { text: texts.get(flag), source: `--${flag}` },
      { text: env[variable], source: variable },
    ].find(({ text }) => text !== undefined) ?? file.get(flag);
  if (given?.text === undefined) return undefined;
  const value = check((given.source === variable ? readVariable : read)(given.text));
  if (value === undefined) {
    report(new ConfigError(`${given.source} takes ${takes}, not ${shownOf(given.text, isSecret)}`));
  }
  return { value, source: given.source };
};

const completeSetting = (name: SettingName, value: unknown): unknown => {
  const { flag, takes, fallback, check } = settings[name];
  if (value === undefined) return fallback;
  const checked = check(value);
  if (checked !== undefined) return checked;
  throw new ConfigError(`option ${name} is out of range or of the wrong type: --${flag} takes ${takes}`);
};

/**
 * Completes and checks the options of an embedding program. Undefined means absent.
 * @param given where they come from, if not from a program
 * @throws ConfigError naming the option and what it takes; reports flags that contradict each other
 */
export const completeConfig = (
  options: ConfigOptions,
  given: Given = new Map(),
  report: Report = throwFault,
): Config => {
  const unknown = Object.keys(options).filter((key) => !Object.hasOwn(settings, key));
  if (unknown.length > 0) {
    throw new ConfigError(`unknown option ${unknown.join(', ')}; there are ${settingNames.join(', ')}`);
  }
  const values = Object.fromEntries(settingNames.map((name) => [name, completeSetting(name, options[name])]));
  const config = values as Config; // Each value has passed the check that its type is derived from.
  checkContradictions(config, given, report);
  return config;
};

/**
 * The file that the command line or the environment names; undefined if there is none, or nothing to run.
 * @throws ConfigError for a wrong command line, unless the faults are for somebody else to report
 */
export const configFileOf = (
  args: readonly string[],
  env: Env,
  report: Report = throwFault,
): NamedFile | undefined => {
  const flags = readFlags(args, report);
  if (flags.isHelp || flags.isVersion) return undefined;
  const found = findSetting('configFile', flags, env, new Map(), report);
  return typeof found?.value === 'string' ? { path: found.value, source: found.source } : undefined;
};

/**
 * Parses the command line and the environment.
 * @param file the settings of the file that they name
 * @throws ConfigError before anything has started, unless faults are reported elsewhere
 */
export const readCommand = (
  args: readonly string[],
  env: Env,
  file: FileSettings = new Map(),
  report: Report = throwFault,
): Command => {
  const flags = readFlags(args, report);
  if (flags.isHelp) return { kind: 'help' };
  if (flags.isVersion) return { kind: 'version' };
  const values: Partial<Record<SettingName, unknown>> = {};
  const given = new Map<string, string>();
  for (const name of settingNames) {
    const found = findSetting(name, flags, env, file, report);
    if (found === undefined) continue;
    values[name] = found.value;
    given.set(settings[name].flag, found.source);
  }
  const config = completeConfig(values as ConfigOptions, given, report); // They are checked once more there.
  return { kind: 'run', config, given };
};
