/**
 * Every setting of the relay. Flags, environment variables, defaults, `--help`, `docs/configuration.md` and the options of
 * `createRelay` all come from this table.
 */
import {
  DEFAULT_MAX_FRAME_BYTES,
  DEFAULT_MAX_PHONES,
  DEFAULT_PHONE_BACKLOG_BYTES,
  FRAME_OVERHEAD_BYTES,
  MAX_TIMER_MS,
} from '../protocol/limits.ts';
import { formatAddress, type ListenAddress } from '../transport/listening.ts';
import { isHost, isLoopback, optionalAddress, wholeNumber } from './checks.ts';
import { formatDuration, formatSize, readAddress, readCount, readDuration, readSize } from './quantities.ts';

/** How one setting is parsed, checked and described. */
export interface Setting<V> {
  readonly flag: string;
  /** Completes "takes …" in an error. */
  readonly takes: string;
  /** One line for `--help`. */
  readonly summary: string;
  readonly placeholder: string;
  /** Undefined if the text has another form. The value may still be out of range. */
  readonly read: (text: string) => unknown;
  /** Undefined if the value is out of range or of another type. */
  readonly check: (value: unknown) => V | undefined;
  readonly fallback: V;
  /** The fallback as text that `read` takes; '' for none. */
  readonly fallbackText: string;
}

/** A message of this size fits an idle binary's queue of `BINARY_QUEUE_MAX_BYTES` with its envelope. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;
const MAX_BACKLOG_BYTES = 2 ** 31 - 1;
const MAX_COUNT = 1_000_000;
/** A day: longer than any of these needs to be, and well below the limit of a timer. */
const MAX_DURATION_MS = Math.min(24 * 60 * 60 * 1000, MAX_TIMER_MS);

type Named = Pick<Setting<unknown>, 'flag' | 'summary'>;

const duration = (named: Named, fallback: number, minMs = 1): Setting<number> => ({
  ...named,
  takes: `a duration from ${formatDuration(minMs)} to 24h, such as 500ms, 30s or 2m`,
  placeholder: 'DURATION',
  read: readDuration,
  check: wholeNumber(minMs, MAX_DURATION_MS),
  fallback,
  fallbackText: formatDuration(fallback),
});

const size = (named: Named, fallback: number, minBytes: number, maxBytes: number): Setting<number> => ({
  ...named,
  takes: `a size from ${formatSize(minBytes)} to ${formatSize(maxBytes)}, such as 4096, 256KiB or 4MiB`,
  placeholder: 'SIZE',
  read: readSize,
  check: wholeNumber(minBytes, maxBytes),
  fallback,
  fallbackText: formatSize(fallback),
});

const count = (named: Named, fallback: number): Setting<number> => ({
  ...named,
  takes: `a whole number from 0 to ${MAX_COUNT}`,
  placeholder: 'NUMBER',
  read: readCount,
  check: wholeNumber(0, MAX_COUNT),
  fallback,
  fallbackText: String(fallback),
});

const DEFAULT_METRICS_LISTEN: ListenAddress = { host: '127.0.0.1', port: 9090 };

const LOG_LEVELS = ['info', 'warn', 'error', 'silent'] as const;
const DEFAULT_LOG_LEVEL = 'info';

export const settings = {
  insecureListen: {
    flag: 'insecure-listen',
    summary: 'serve plain HTTP and ws:// here; port 0 picks a free one',
    takes: 'host:port with a port from 0 to 65535, such as 127.0.0.1:8080, [::1]:8080 or :8080',
    placeholder: 'HOST:PORT',
    read: readAddress,
    check: optionalAddress(isHost),
    fallback: null,
    fallbackText: '',
  } satisfies Setting<ListenAddress | null>,
  metricsListen: {
    flag: 'metrics-listen',
    summary: 'serve /metrics here, loopback only; empty for none',
    takes:
      'a loopback IP address and a port from 0 to 65535, such as 127.0.0.1:9090 or [::1]:9090, or nothing to switch metrics off',
    placeholder: 'HOST:PORT',
    read: (text: string) => (text === '' ? null : readAddress(text)),
    check: optionalAddress(isLoopback),
    fallback: DEFAULT_METRICS_LISTEN,
    fallbackText: formatAddress(DEFAULT_METRICS_LISTEN),
  } satisfies Setting<ListenAddress | null>,
  inspectListen: {
    flag: 'inspect-listen',
    summary: 'serve the live charts here, loopback only; off by default',
    takes: '127.0.0.1 or [::1] and a port from 0 to 65535, such as 127.0.0.1:9091',
    placeholder: 'HOST:PORT',
    read: readAddress,
    check: optionalAddress((host) => host === '127.0.0.1' || host === '::1'),
    fallback: null,
    fallbackText: '',
  } satisfies Setting<ListenAddress | null>,
  maxPhones: count(
    { flag: 'max-phones', summary: 'phones per server-id; the next gets 4429; 0 for no cap' },
    DEFAULT_MAX_PHONES,
  ),
  maxFrameBytes: size(
    { flag: 'max-frame-bytes', summary: 'longest message from a peer, else close 1009' },
    DEFAULT_MAX_FRAME_BYTES,
    1,
    MAX_FRAME_BYTES,
  ),
  phoneBacklogBytes: size(
    { flag: 'phone-backlog-bytes', summary: 'longest backlog of one phone, else close 1011' },
    DEFAULT_PHONE_BACKLOG_BYTES,
    1 + FRAME_OVERHEAD_BYTES,
    MAX_BACKLOG_BYTES,
  ),
  graceMs: duration({ flag: 'grace', summary: 'how long a server-id waits for a lost binary' }, 30_000),
  heartbeatIntervalMs: duration(
    { flag: 'heartbeat-interval', summary: 'time between the answer to a ping and the next ping' },
    30_000,
  ),
  heartbeatTimeoutMs: duration(
    { flag: 'heartbeat-timeout', summary: 'how long a pinged peer may be silent, else close 1011' },
    30_000,
  ),
  probeTimeoutMs: duration(
    { flag: 'probe-timeout', summary: 'how long a holder may take to answer a probe' },
    10_000,
  ),
  writeTimeoutMs: duration(
    { flag: 'write-timeout', summary: 'how long a peer may take nothing, else close 1011' },
    10_000,
  ),
  messageTimeoutMs: duration(
    { flag: 'message-timeout', summary: 'how long a message may take to arrive, else cut' },
    30_000,
  ),
  drainDeadlineMs: duration(
    { flag: 'drain-deadline', summary: 'how long shutdown may take to flush' },
    10_000,
  ),
  logLevel: {
    flag: 'log-level',
    summary: 'info, warn, error or silent',
    takes: `one of ${LOG_LEVELS.join(', ')}`,
    placeholder: 'LEVEL',
    read: (text: string) => text,
    check: (value: unknown) => LOG_LEVELS.find((level) => level === value),
    fallback: DEFAULT_LOG_LEVEL,
    fallbackText: DEFAULT_LOG_LEVEL,
  } satisfies Setting<(typeof LOG_LEVELS)[number]>,
} as const;

export type SettingName = keyof typeof settings;

type ValueOf<S extends Pick<Setting<unknown>, 'check'>> = Exclude<ReturnType<S['check']>, undefined>;

/** All settings, with their values. Durations are in milliseconds, sizes in bytes. */
export type Config = { readonly [N in SettingName]: ValueOf<(typeof settings)[N]> };

/** Settings as a program passes them. Undefined means absent. */
export type ConfigOptions = { readonly [N in SettingName]?: Config[N] | undefined };

export const settingNames = Object.keys(settings) as SettingName[]; // The keys are exactly those of the literal above.
