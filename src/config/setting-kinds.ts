/** What a setting is, and the kinds of values that several settings share. */
import { MAX_TIMER_MS } from '../protocol/limits.ts';
import { wholeNumber } from './checks.ts';
import { formatDuration, formatSize, readCount, readDuration, readSize, readSwitch } from './quantities.ts';

/** How one setting is parsed, checked and described. */
export interface Setting<V> {
  readonly flag: string;
  /** True if a reload applies a new value. The other settings need a restart. */
  readonly isLive?: boolean;
  /** True if errors must not show what it was given: somebody may have given the secret instead of the file that has it. */
  readonly isSecret?: boolean;
  /** Completes "takes …" in an error. */
  readonly takes: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** Absent for a switch: its flag needs no value. */
  readonly placeholder?: string;
  /** Undefined if the text has another form. The value may still be out of range. */
  readonly read: (text: string) => unknown;
  /** The same for the text of its variable, where that has another form. */
  readonly readVariable?: (text: string) => unknown;
  /** Undefined if the value is out of range or of another type. */
  readonly check: (value: unknown) => V | undefined;
  readonly fallback: V;
  /** The fallback as text that `read` takes; '' for none. */
  readonly fallbackText: string;
}

/** What tells one setting from others of its kind. */
export type Named = Pick<Setting<unknown>, 'flag' | 'isLive' | 'summary'>;

const MAX_COUNT = 1_000_000;
/** A day: longer than any of these needs to be, and well below the limit of a timer. */
const MAX_DURATION_MS = Math.min(24 * 60 * 60 * 1000, MAX_TIMER_MS);

export const duration = (named: Named, fallback: number, minMs = 1): Setting<number> => ({
  ...named,
  takes: `a duration from ${formatDuration(minMs)} to 24h, such as 500ms, 30s or 2m`,
  placeholder: 'DURATION',
  read: readDuration,
  check: wholeNumber(minMs, MAX_DURATION_MS),
  fallback,
  fallbackText: formatDuration(fallback),
});

export const size = (
  named: Named,
  fallback: number,
  minBytes: number,
  maxBytes: number,
): Setting<number> => ({
  ...named,
  takes: `a size from ${formatSize(minBytes)} to ${formatSize(maxBytes)}, such as 4096, 256KiB or 4MiB`,
  placeholder: 'SIZE',
  read: readSize,
  check: wholeNumber(minBytes, maxBytes),
  fallback,
  fallbackText: formatSize(fallback),
});

/** Null, the fallback, means that it is derived from the memory of the machine or container. */
export const derivedSize = (named: Named, minBytes: number, maxBytes: number): Setting<number | null> => {
  const given = size(named, minBytes, minBytes, maxBytes);
  return {
    ...given,
    check: (value) => (value === null ? null : given.check(value)),
    fallback: null,
    fallbackText: '',
  };
};

/** Zero, the fallback, means off. */
export const sizeOrOff = (named: Named, minBytes: number, maxBytes: number): Setting<number> => {
  const on = size(named, minBytes, minBytes, maxBytes);
  return {
    ...on,
    takes: `0 or ${on.takes}`,
    check: (value) => (value === 0 ? 0 : on.check(value)),
    fallback: 0,
    fallbackText: '0B',
  };
};

export const count = (named: Named, fallback: number, min = 0, max = MAX_COUNT): Setting<number> => ({
  ...named,
  takes: `a whole number from ${min} to ${max}`,
  placeholder: 'NUMBER',
  read: readCount,
  check: wholeNumber(min, max),
  fallback,
  fallbackText: String(fallback),
});

/** Off unless it is given. */
export const onOff = (named: Named): Setting<boolean> => ({
  ...named,
  takes: 'true or false',
  read: readSwitch,
  check: (value) => (typeof value === 'boolean' ? value : undefined),
  fallback: false,
  fallbackText: '',
});

/** Null unless it is given. */
export const optional = <V>(setting: Setting<V>): Setting<V | null> => ({
  ...setting,
  check: (value) => (value === null ? null : setting.check(value)),
  fallback: null,
  fallbackText: '',
});
