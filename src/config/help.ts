/** `--help`: what an operator wants first, on one screen. The rest is in `help GROUP`. */
import { settingsByFlag } from './flags.ts';
import { helpTopics, synopsis } from './help-topics.ts';
import { offeredWays } from './ways-to-listen.ts';

/** In this order. What the ways to start need is shown with them. */
const MOST_USED = [
  'config',
  'metrics-listen',
  'trusted-proxy',
  'binary-tokens',
  'rate-burst',
  'max-connections',
  'max-phones',
  'max-frame-bytes',
  'total-backlog-bytes',
  'grace',
  'drain-deadline',
  'log-level',
];

const columns = (rows: readonly (readonly [string, string])[]): string[] => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
};

const mostUsed = (): (readonly [string, string])[] =>
  MOST_USED.map((flag) => settingsByFlag.get(flag))
    .filter((setting) => setting !== undefined)
    .map((setting) => {
      const shown = setting.fallbackText === '' ? '' : ` (${setting.fallbackText})`;
      return [synopsis(setting), `${setting.summary}${shown}`];
    });

export const helpText = (): string =>
  [
    'pyrycode-relay: forwards frames between phones and the pyry daemon, unread.',
    '',
    'Usage, with more flags as needed:',
    ...columns(offeredWays.map(({ example, summary }) => [`pyrycode-relay ${example}`, summary])),
    'Other commands, see help COMMAND: check-config, print-config, healthcheck, token, probe,',
    '  conformance, paths, charts, record, replay, version.',
    '',
    'Most used, with defaults in parentheses:',
    ...columns(mostUsed()),
    '',
    'All flags: pyrycode-relay help GROUP, help FLAG or help all. The groups:',
    `  ${helpTopics().join(', ')}`,
    '',
    'Durations: 500ms, 30s, 2m. Sizes: 4096, 256KiB, 4MiB.',
    'Each flag is also a variable, as PYRYCODE_RELAY_MAX_PHONES, and a key in the file of --config.',
    'SIGTERM and SIGINT end it, SIGHUP reloads. Exit: 0 when ended so, 1 when a listener fails,',
    '2 for a configuration error.',
    '',
  ].join('\n');
