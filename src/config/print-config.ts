/** Writes effective settings for people, who can use the text as a file of `--config`, and for programs. */
import { stringify } from 'smol-toml';
import type { EffectiveSetting } from './effective-settings.ts';
import { settingsByFlag } from './flags.ts';
import { settings } from './settings.ts';

/** `flag = value`, as the file of `--config` takes it. */
const assignment = (flag: string, text: string): string => {
  const value = settingsByFlag.get(flag)?.read(text);
  const isBare = typeof value === 'boolean' || (typeof value === 'number' && /^\d+$/.test(text));
  return stringify({ [flag]: isBare ? value : text }).trimEnd();
};

const tomlLine = ({ flag, text, source, isGiven }: EffectiveSetting): string => {
  // It has no flag that takes it, and a file would show it.
  if (text === null && isGiven && flag === settings.fcmCredentials.flag)
    return `# ${flag}: not shown  # ${source}\n`;
  // Switched off by an empty text, such as the metrics.
  if (text === null) return isGiven ? `${assignment(flag, '')}  # ${source}\n` : `# ${flag}: not set\n`;
  // Defaults are comments: a flag that needs another must not be given alone. And the file cannot name itself.
  const mark = isGiven && flag !== settings.configFile.flag ? '' : '# ';
  return `${mark}${assignment(flag, text)}  # ${source}\n`;
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
