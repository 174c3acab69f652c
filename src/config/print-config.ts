/** Writes effective settings for people, who can use the text as a file of `--config`, and for programs. */
import type { EffectiveSetting } from './effective-settings.ts';
import { settingsByFlag } from './flags.ts';
import { settings } from './settings.ts';

const tomlValue = (flag: string, text: string): string => {
  const value = settingsByFlag.get(flag)?.read(text);
  const isBare = typeof value === 'boolean' || (typeof value === 'number' && /^\d+$/.test(text));
  // A JSON string without control characters is a TOML string too, and no value has any.
  return isBare ? text : JSON.stringify(text);
};

const tomlLine = ({ flag, text, source, isGiven }: EffectiveSetting): string => {
  if (text === null) return `# ${flag}: not set\n`;
  // Defaults are comments: a flag that needs another must not be given alone. And the file cannot name itself.
  const mark = isGiven && flag !== settings.configFile.flag ? '' : '# ';
  return `${mark}${flag} = ${tomlValue(flag, text)}  # ${source}\n`;
};

/** What somebody has set, each line with who has; and what is in force otherwise, as comments. */
export const asToml = (effective: readonly EffectiveSetting[]): string => effective.map(tomlLine).join('');

/** `{"grace":{"value":"30s","source":"default"}, ...}`, values as their flags take them, null for what is not set. */
export const asJson = (effective: readonly EffectiveSetting[]): string =>
  `${JSON.stringify(
    Object.fromEntries(effective.map(({ flag, text: value, source }) => [flag, { value, source }])),
    null,
    2,
  )}\n`;
