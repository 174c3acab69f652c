/**
 * Log lines for people: `logfmt`, as the text handler of Go's log/slog writes them, byte for byte, so that what greps the Go relay's log
 * greps this one; and `pretty`, for a terminal. JSON is written by pino.
 */
import { isInvisible } from '../protocol/visible-text.ts';
import type { Level } from './log-events.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What strconv.Quote of Go writes for these. */
const NAMED_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);
/**
 * Go's unicode.IsPrint, but for the few letters and marks that show nothing: those have been escaped before a line is made. Of blanks,
 * only the ASCII one is printed.
 */
const isPrinted = (char: string): boolean => char === ' ' || !(isInvisible(char) || /\s/.test(char));
/** Nearly all values. A blank, `=` and `"` need quotes, a backslash by itself does not. */
const PLAIN = /^[!#-<>-~]+$/;
/** Written as it is, it would not be known from bytes that were no UTF-8; Go quotes it. */
const REPLACEMENT = '\u{fffd}';
const DELETE = 0x7f;
const MAX_SHORT_CODE = 0xffff;

const needsQuotes = (text: string): boolean => {
  if (PLAIN.test(text)) return false;
  if (text === '') return true;
  for (const char of text) {
    // What JSON leaves as it is, Go leaves here: DEL among it.
    if (char === '\u{7f}') continue;
    if (char === ' ' || char === '=' || char === '"' || char === REPLACEMENT || !isPrinted(char)) return true;
  }
  return false;
};

const escaped = (char: string): string => {
  const named = NAMED_ESCAPES.get(char);
  if (named !== undefined) return named;
  if (isPrinted(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x20 || code === DELETE) return `\\x${hex.padStart(2, '0')}`;
  return code > MAX_SHORT_CODE ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
};

/** A value, in quotes if it needs them. */
export const logfmtValue = (value: unknown): string => {
  const text = String(value);
  return needsQuotes(text) ? `"${Array.from(text, escaped).join('')}"` : text;
};

const pairs = (fields: Fields): string =>
  Object.entries(fields)
    .map(([key, value]) => ` ${key}=${logfmtValue(value)}`)
    .join('');

export const logfmtLine = (atMs: number, level: Level, event: string, fields: Fields): string => {
  const time = new Date(atMs).toISOString();
  return `time=${time} level=${level.toUpperCase()} msg=${logfmtValue(event)}${pairs(fields)}\n`;
};

/** 33: yellow, 31: red (ECMA-48, SGR). */
const COLOURS: Readonly<Record<Level, string>> = { info: '', warn: '\u{1b}[33m', error: '\u{1b}[31m' };

/** The time of day is UTC, as in the other formats. */
export const prettyLine = (
  atMs: number,
  level: Level,
  event: string,
  fields: Fields,
  isColoured: boolean,
): string => {
  const colour = isColoured ? COLOURS[level] : '';
  const shownLevel = `${colour}${level.toUpperCase().padEnd(5)}${colour === '' ? '' : '\u{1b}[0m'}`;
  return `${new Date(atMs).toISOString().slice(11, -1)} ${shownLevel} ${event}${pairs(fields)}\n`;
};
