/** The file of `--config`: TOML, each key the name of a flag. */
import { parse, TomlError, type TomlTable, type TomlValue } from 'smol-toml';
import { visibleText } from '../protocol/visible-text.ts';
import { ConfigError, quote, type Report, throwFault, UNSHOWN } from './config-error.ts';
import { settingsByFlag } from './flags.ts';
import type { FileSettings, NamedFile } from './read-config.ts';
import type { Setting } from './setting-kinds.ts';
import { settings } from './settings.ts';
import { readTextFile } from './text-file.ts';

/** All settings with a page of comments fit many times. */
const MAX_CONFIG_FILE_BYTES = 64 * 1024;

const parseTable = (text: string): TomlTable => parse(text, { integersAsBigInt: true });

/** `key = `, `key.x = `, `[key]`, with the key in quotes or not. */
const isOpenedBy = (line: string, key: string): boolean => {
  const text = line.replace(/^[\s["']+/, '');
  if (!text.startsWith(key)) return false;
  const [next = ''] = text.slice(key.length).replace(/^[\s"']+/, '');
  return next === '=' || next === '.' || next === ']';
};

/** Undefined for a key that is spelt with escapes. The parser names a line only in its own errors. */
const lineOf = (text: string, key: string): number | undefined => {
  const index = text.split('\n').findIndex((line) => isOpenedBy(line, key));
  return index === -1 ? undefined : index + 1;
};

const describe = (value: TomlValue): string => {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date';
  return typeof value === 'object' ? 'a table' : String(value);
};

/** As text that the flag would take. Undefined if the setting has another type: a duration is no bare number. */
const textOf = (value: TomlValue, { read }: Setting<unknown>): string | undefined => {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return typeof read(String(value)) === 'number' ? String(value) : undefined;
  return typeof value === 'boolean' && typeof read(String(value)) === 'boolean' ? String(value) : undefined;
};

/**
 * @param file as errors name it
 * @param report is told the file and the line
 */
export const parseConfigFile = (file: string, text: string, report: Report = throwFault): FileSettings => {
  const found = new Map<string, { readonly text: string; readonly source: string }>();
  const shown = visibleText(file);
  try {
    for (const [key, value] of Object.entries(parseTable(text))) {
      const line = lineOf(text, key);
      const at = line === undefined ? shown : `${shown}:${line}`;
      const setting = settingsByFlag.get(key);
      if (setting === undefined) {
        report(
          new ConfigError(
            `${at}: unknown key ${quote(key)}: keys are flags without their dashes, in no section`,
          ),
        );
        continue;
      }
      if (key === settings.configFile.flag) {
        report(new ConfigError(`${at}: ${key} is not for the file itself`));
        continue;
      }
      const source = `${at}: ${key}`;
      const given = textOf(value, setting);
      // Checked even if a flag or a variable overrides it: it would fail on the day when that goes.
      if (given === undefined || setting.check(setting.read(given)) === undefined)
        report(
          new ConfigError(
            `${source} takes ${setting.takes}, not ${setting.isSecret === true ? UNSHOWN : describe(value)}`,
          ),
        );
      else found.set(key, { text: given, source });
    }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = ''] = error.message.replace('Invalid TOML document: ', '').split('\n');
    report(
      new ConfigError(
        `${shown}:${error.line}: invalid TOML: ${reason}; a key stands once, and text in quotes, as domain = "relay.example.org"`,
      ),
    );
  }
  return found;
};

/**
 * Reports anything in the file but settings.
 * @throws ConfigError if the file cannot be read or is too long
 */
export const readConfigFile = async (
  { path, source }: NamedFile,
  report: Report = throwFault,
): Promise<FileSettings> => {
  const failed = (problem: string): ConfigError => new ConfigError(`${source}: ${problem}`);
  return parseConfigFile(path, await readTextFile(path, MAX_CONFIG_FILE_BYTES, failed), report);
};
