/** Settings of the process itself. */
import type { Setting } from './setting-kinds.ts';

const LOG_LEVELS = ['info', 'warn', 'error', 'silent'] as const;
const DEFAULT_LOG_LEVEL = 'info';
const LOG_FORMATS = ['json', 'logfmt', 'pretty'] as const;
const DEFAULT_LOG_FORMAT = 'json';

export type LogFormat = (typeof LOG_FORMATS)[number];

export const programSettings = {
  configFile: {
    flag: 'config',
    summary: 'read settings from this TOML file too; its keys are the flags',
    takes: 'the path of a TOML file',
    placeholder: 'FILE',
    read: (text: string) => text,
    check: (value: unknown) =>
      value === null || (typeof value === 'string' && value !== '') ? value : undefined,
    fallback: null,
    fallbackText: '',
  } satisfies Setting<string | null>,
  logLevel: {
    flag: 'log-level',
    isLive: true,
    summary: 'info, warn, error or silent',
    takes: `one of ${LOG_LEVELS.join(', ')}`,
    placeholder: 'LEVEL',
    read: (text: string) => text,
    check: (value: unknown) => LOG_LEVELS.find((level) => level === value),
    fallback: DEFAULT_LOG_LEVEL,
    fallbackText: DEFAULT_LOG_LEVEL,
  } satisfies Setting<(typeof LOG_LEVELS)[number]>,
  logFormat: {
    flag: 'log-format',
    isLive: true,
    summary: 'json, logfmt as the Go relay writes it, or pretty for a terminal',
    takes: `one of ${LOG_FORMATS.join(', ')}`,
    placeholder: 'FORMAT',
    read: (text: string) => text,
    check: (value: unknown) => LOG_FORMATS.find((format) => format === value),
    fallback: DEFAULT_LOG_FORMAT,
    fallbackText: DEFAULT_LOG_FORMAT,
  } satisfies Setting<LogFormat>,
} as const;
