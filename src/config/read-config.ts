/** Flags override the environment, and the environment overrides defaults (spec section 7 and our own settings). */
import { parseArgs } from 'node:util';
import { FRAME_OVERHEAD_BYTES } from '../protocol/limits.ts';
import { formatSize } from './quantities.ts';
import type { Setting } from './setting-kinds.ts';
import { type Config, type ConfigOptions, type SettingName, settingNames, settings } from './settings.ts';

/** One line that names the invalid input and what is accepted. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'run';
      readonly config: Config;
      /** The address of the metrics is the default: they are welcome there, but nobody waits for them. */
      readonly isMetricsDefault: boolean;
    };

const ENV_PREFIX = 'PYRYCODE_RELAY_';

export const envName = (flag: string): string => `${ENV_PREFIX}${flag.toUpperCase().replaceAll('-', '_')}`;

const readText = (setting: Setting<unknown>, text: string, source: string): unknown => {
  const value = setting.check(setting.read(text));
  if (value !== undefined) return value;
  throw new ConfigError(`${source} takes ${setting.takes}, not ${quote(text)}`);
};

/** Shortened, so that an error is one line for any input. */
const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

const PROGRAM_FLAGS: ReadonlySet<string> = new Set(['help', 'version']);

const isSwitch = (flag: string): boolean =>
  settingNames.some((name) => settings[name].flag === flag && !('placeholder' in settings[name]));

/**
 * Go programs, such as the relay before this one, take flags with one dash as well as with two, and a switch without a value is true.
 */
const asLongFlag = (argument: string): string => {
  const [, flag = '', value] = /^--?([a-z][a-z0-9-]+)(=.*)?$/s.exec(argument) ?? [];
  if (isSwitch(flag)) return `--${flag}${value ?? '=true'}`;
  const isKnown = PROGRAM_FLAGS.has(flag) || settingNames.some((name) => settings[name].flag === flag);
  return isKnown ? `--${flag}${value ?? ''}` : argument;
};

/** Values by flag. */
type Flags = Readonly<Record<string, string | boolean | undefined>>;

const readFlags = (args: readonly string[]): Flags => {
  const options = Object.fromEntries([
    ...settingNames.map((name) => [settings[name].flag, { type: 'string' as const }]),
    ['help', { type: 'boolean' as const, short: 'h' }],
    ['version', { type: 'boolean' as const, short: 'v' }],
  ]);
  // Strict parsing throws its own error at the first unknown argument; ours name what to do.
  const { values, tokens } = parseArgs({ args: args.map(asLongFlag), options, strict: false, tokens: true });
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'positional') {
      throw new ConfigError(
        `unexpected argument ${quote(token.value)}: every setting is a --flag; see --help`,
      );
    }
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) throw unknownFlag(args[token.index] ?? '');
    if (option.type === 'boolean' && token.value !== undefined) {
      throw new ConfigError(`${token.rawName} takes no value`);
    }
    if (option.type === 'string' && token.value === undefined) {
      const { takes } = settings[nameOfFlag(token.name)];
      throw new ConfigError(`${token.rawName} needs a value: ${takes}`);
    }
    if (option.type === 'string' && seen.has(token.name))
      throw new ConfigError(`${token.rawName} is given twice`);
    seen.add(token.name);
  }
  return values;
};

const unknownFlag = (argument: string): ConfigError => {
  const [flag = ''] = argument.split('=');
  return new ConfigError(`unknown flag ${quote(flag)}; see --help`);
};

const nameOfFlag = (flag: string): SettingName => {
  const name = settingNames.find((candidate) => settings[candidate].flag === flag);
  if (name === undefined) throw new ConfigError(`unknown flag --${flag}; see --help`);
  return name;
};

const readSetting = (
  name: SettingName,
  flags: Flags,
  env: Readonly<Record<string, string | undefined>>,
): unknown => {
  const setting = settings[name];
  const flag = flags[setting.flag];
  if (typeof flag === 'string') return readText(setting, flag, `--${setting.flag}`);
  const variable = envName(setting.flag);
  const text = env[variable];
  return text === undefined ? setting.fallback : readText(setting, text, variable);
};

const completeSetting = (name: SettingName, value: unknown): unknown => {
  const { flag, takes, fallback, check } = settings[name];
  if (value === undefined) return fallback;
  const checked = check(value);
  if (checked !== undefined) return checked;
  throw new ConfigError(`option ${name} is out of range or of the wrong type: --${flag} takes ${takes}`);
};

/** A phone that reads at once must get every accepted frame, so its queue must hold the longest one. */
const checkBacklog = ({ maxFrameBytes, phoneBacklogBytes }: Config): void => {
  const neededBytes = maxFrameBytes + FRAME_OVERHEAD_BYTES;
  if (phoneBacklogBytes >= neededBytes) return;
  const backlog = `--${settings.phoneBacklogBytes.flag} ${formatSize(phoneBacklogBytes)}`;
  const frame = `--${settings.maxFrameBytes.flag} ${formatSize(maxFrameBytes)}`;
  const longest = formatSize(phoneBacklogBytes - FRAME_OVERHEAD_BYTES);
  throw new ConfigError(
    `${backlog} cannot hold one frame of ${frame}: raise the backlog to at least ${formatSize(neededBytes)} or lower the frame to at most ${longest}`,
  );
};

/**
 * Completes and checks the options of an embedding program. Undefined means absent.
 * @throws ConfigError naming the option and what it takes, or the two flags that contradict each other
 */
export const completeConfig = (options: ConfigOptions): Config => {
  const unknown = Object.keys(options).filter((key) => !Object.hasOwn(settings, key));
  if (unknown.length > 0) {
    throw new ConfigError(`unknown option ${unknown.join(', ')}; there are ${settingNames.join(', ')}`);
  }
  const values = Object.fromEntries(settingNames.map((name) => [name, completeSetting(name, options[name])]));
  const config = values as Config; // Each value has passed the check that its type is derived from.
  checkBacklog(config);
  return config;
};

/**
 * Parses the command line and the environment.
 * @throws ConfigError before anything has started
 */
export const readCommand = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Command => {
  const flags = readFlags(args);
  if (flags['help'] === true) return { kind: 'help' };
  if (flags['version'] === true) return { kind: 'version' };
  const values = Object.fromEntries(settingNames.map((name) => [name, readSetting(name, flags, env)]));
  const config = completeConfig(values);
  if (config.insecureListen === null) {
    throw new ConfigError(
      'no listener: start with --insecure-listen 127.0.0.1:8080 (plain ws://; put TLS in front of it)',
    );
  }
  const { flag } = settings.metricsListen;
  const isMetricsDefault = flags[flag] === undefined && env[envName(flag)] === undefined;
  return { kind: 'run', config, isMetricsDefault };
};
