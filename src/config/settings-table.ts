/** The tables in `docs/configuration.md`, one for each group of settings. */
import { envName } from './read-config.ts';
import type { Setting } from './setting-kinds.ts';
import { settingGroups } from './settings.ts';

const tableRow = ({ flag, fallbackText, takes, summary, isLive = false }: Setting<unknown>): string => {
  const shown = fallbackText === '' ? 'none' : `\`${fallbackText}\``;
  return `| \`--${flag}\` | \`${envName(flag)}\` | ${shown} | ${takes} | ${summary} | ${isLive ? 'yes' : 'no'} |`;
};

const HEADINGS = [
  '| Flag | Environment | Default | Takes | What it does | Reloaded |',
  '| --- | --- | --- | --- | --- | --- |',
];

export const settingsTable = (): string =>
  [...settingGroups]
    .map(([title, group]) =>
      [`### ${title}\n`, ...HEADINGS, ...Object.values(group).map(tableRow), ''].join('\n'),
    )
    .join('\n');
