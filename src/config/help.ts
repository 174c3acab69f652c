/** `--help` and `docs/configuration.md`, both made from the table of settings. */
import { envName } from './read-config.ts';
import { type Setting, settingNames, settings } from './settings.ts';

const rows = settingNames.map((name): Setting<unknown> => settings[name]);

export const helpText = (): string => {
  const left = rows.map(({ flag, placeholder }) => `--${flag} ${placeholder}`);
  const width = Math.max(...left.map(({ length }) => length));
  const lines = rows.map(({ summary, fallbackText }, i) => {
    const shown = fallbackText === '' ? '' : ` (${fallbackText})`;
    return `  ${(left[i] ?? '').padEnd(width)}  ${summary}${shown}`;
  });
  return [
    'pyrycode-relay: forwards frames between phones and the pyry daemon, unread.',
    '',
    'Usage: pyrycode-relay --insecure-listen HOST:PORT [flags]',
    '       pyrycode-relay help | version | conformance | paths | record | replay [--help]',
    '',
    ...lines,
    `  ${'-v, --version'.padEnd(width)}  print the version; -h, --help: this`,
    '',
    'Durations: 500ms, 30s, 2m. Sizes: 4096, 256KiB, 4MiB. Defaults in parentheses.',
    `Each flag is also a variable: ${envName('max-phones')} for --max-phones. Flags win.`,
    'Exit: 0 after SIGTERM or SIGINT, 1 when a listener fails, 2 for a configuration error.',
    '',
  ].join('\n');
};

/** The rows of the table in `docs/configuration.md`. */
export const settingsTable = (): string =>
  [
    '| Flag | Environment | Default | Takes | What it does |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(({ flag, fallbackText, takes, summary }) => {
      const shown = fallbackText === '' ? 'none' : `\`${fallbackText}\``;
      return `| \`--${flag}\` | \`${envName(flag)}\` | ${shown} | ${takes} | ${summary} |`;
    }),
    '',
  ].join('\n');
