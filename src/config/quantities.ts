/** Parses and formats the values of settings. Each parser returns undefined for text of another form. */
import type { ListenAddress } from '../transport/listening.ts';

const DURATION = /^(\d+)(ms|s|m|h)$/;
const MS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** Milliseconds. */
export const readDuration = (text: string): number | undefined => {
  const [, digits = '', unit = ''] = DURATION.exec(text) ?? [];
  const scale = MS_PER_UNIT.get(unit);
  return scale === undefined ? undefined : Number(digits) * scale;
};

export const formatDuration = (ms: number): string => {
  if (ms % 1_000 !== 0) return `${ms}ms`;
  return ms % 60_000 === 0 && ms > 0 ? `${ms / 60_000}m` : `${ms / 1_000}s`;
};

const SIZE = /^(\d+)(B|KiB|MiB|GiB)?$/;
const BYTES_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
]);

/** Bytes. */
export const readSize = (text: string): number | undefined => {
  const [, digits = '', unit = 'B'] = SIZE.exec(text) ?? [];
  const scale = BYTES_PER_UNIT.get(unit);
  return scale === undefined || digits === '' ? undefined : Number(digits) * scale;
};

export const formatSize = (bytes: number): string => {
  for (const [unit, scale] of [...BYTES_PER_UNIT].reverse()) {
    if (bytes >= scale && bytes % scale === 0) return `${bytes / scale}${unit}`;
  }
  return `${bytes}B`;
};

export const readCount = (text: string): number | undefined =>
  /^\d+$/.test(text) ? Number(text) : undefined;

/** As Go's `strconv.ParseBool`. */
const SWITCHES: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
]);

export const readSwitch = (text: string): boolean | undefined => SWITCHES.get(text);

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/;

export const readAddress = (text: string): ListenAddress | undefined => {
  const match = ADDRESS.exec(text);
  if (match === null) return undefined;
  const [, ipv6, name = '', port = ''] = match;
  return { host: ipv6 ?? name, port: Number(port) };
};
