/** `--help` and `docs/configuration.md`, both made from the tables of settings. */
import { envName } from './read-config.ts';
import type { Setting } from './setting-kinds.ts';
import { settingGroups, settings } from './settings.ts';

const synopsis = ({ flag, placeholder }: Setting<unknown>): string =>
  placeholder === undefined ? `--${flag}` : `--${flag} ${placeholder}`;

const WIDTH = Math.max(...Object.values(settings).map((setting) => synopsis(setting).length));

const line = (left: string, right: string): string => `  ${left.padEnd(WIDTH)}  ${right}`;

const groupLines = ([title, group]: readonly [string, Readonly<Record<string, Setting<unknown>>>]) => [
  `${title}:`,
  ...Object.values(group).map((setting) => {
    const shown = setting.fallbackText === '' ? '' : ` (${setting.fallbackText})`;
    return line(synopsis(setting), `${setting.summary}${shown}`);
  }),
];

export const helpText = (): string =>
  [
    'pyrycode-relay: forwards frames between phones and the pyry daemon, unread.',
    '',
    'Usage: pyrycode-relay --insecure-listen HOST:PORT [flags]',
    '       pyrycode-relay help | version | conformance | paths | record | replay [--help]',
    '',
    ...[...settingGroups].flatMap(groupLines),
    line('-v, --version', 'print the version; -h, --help: this'),
    '',
    'Durations: 500ms, 30s, 2m. Sizes: 4096, 256KiB, 4MiB. Defaults in parentheses.',
    `Each flag is also a variable: ${envName('max-phones')} for --max-phones. Flags win.`,
    'Exit: 0 after SIGTERM or SIGINT, 1 when a listener fails, 2 for a configuration error.',
    '',
  ].join('\n');

const tableRow = ({ flag, fallbackText, takes, summary, isLive = false }: Setting<unknown>): string => {
  const shown = fallbackText === '' ? 'none' : `\`${fallbackText}\``;
  return `| \`--${flag}\` | \`${envName(flag)}\` | ${shown} | ${takes} | ${summary} | ${isLive ? 'yes' : 'no'} |`;
};

const HEADINGS = [
  '| Flag | Environment | Default | Takes | What it does | Reloaded |',
  '| --- | --- | --- | --- | --- | --- |',
];

/** The tables in `docs/configuration.md`, one for each group. */
export const settingsTable = (): string =>
  [...settingGroups]
    .map(([title, group]) =>
      [`### ${title}\n`, ...HEADINGS, ...Object.values(group).map(tableRow), ''].join('\n'),
    )
    .join('\n');
