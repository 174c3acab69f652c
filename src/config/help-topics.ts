/** `help GROUP`, `help FLAG` and `help all`: each setting in full. */
import { settingsByFlag } from './flags.ts';
import { envName } from './read-config.ts';
import type { Setting } from './setting-kinds.ts';
import { settingGroups } from './settings.ts';

type Group = Readonly<Record<string, Setting<unknown>>>;

const MAX_COLUMNS = 100;
const INDENT = '      ';

export const synopsis = ({ flag, placeholder }: Setting<unknown>): string =>
  placeholder === undefined ? `--${flag}` : `--${flag} ${placeholder}`;

/** Broken between words. */
const wrapped = (text: string): string[] => {
  const lines: string[] = [];
  let line = INDENT;
  for (const word of text.split(' ')) {
    if (line.length + word.length > MAX_COLUMNS) {
      lines.push(line.trimEnd());
      line = INDENT;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
};

const entry = (setting: Setting<unknown>): string[] => {
  const { flag, takes, placeholder, summary, fallbackText, isLive = false } = setting;
  return [
    `  ${synopsis(setting)}${fallbackText === '' ? '' : ` (${fallbackText})`}`,
    ...wrapped(summary),
    ...wrapped(placeholder === undefined ? `takes ${takes}: --${flag} or --${flag}=false` : `takes ${takes}`),
    ...wrapped(`${envName(flag)}; ${isLive ? 'a reload applies it' : 'needs a restart'}`),
  ];
};

const groupText = ([title, group]: readonly [string, Group]): string =>
  [`${title}, with defaults in parentheses:`, ...Object.values(group).flatMap(entry), ''].join('\n');

const topicOf = (title: string): string => title.toLowerCase();

/** The names of the groups, as `help` takes them. */
export const helpTopics = (): string[] => [...settingGroups.keys()].map(topicOf);

/** Undefined if there is no such topic: no group and no flag. */
export const helpOn = (topic: string): string | undefined => {
  const asked = topic.toLowerCase();
  const groups = [...settingGroups].filter(([title]) => asked === 'all' || topicOf(title) === asked);
  if (groups.length > 0) return groups.map(groupText).join('\n');
  const setting = settingsByFlag.get(asked.replace(/^--?/, ''));
  return setting === undefined ? undefined : [...entry(setting), ''].join('\n');
};
