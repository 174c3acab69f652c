/**
 * Escapes what a reader cannot see: control and format characters, among them C1, bidi controls, zero width, byte order mark,
 * line separators, lone surrogates. A peer chooses such text, and it could steer a terminal, or pass for another text.
 */

/** What needs no escape. Nearly all text is such. */
const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/;
/** Categories C (control, format, surrogate, private use, unassigned), Zl and Zp, and letters and marks that show nothing. */
const INVISIBLE = /^[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]$/u;
/** @param char one code point */
export const isInvisible = (char: string): boolean => (char < ' ' || char > '~') && INVISIBLE.test(char);
const BACKSLASH = '\\';
/** The highest code point that `\uXXXX` can name. */
const MAX_SHORT_CODE = 0xffff;

const shortEscape = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;

const escape = (char: string): string => {
  const code = char.codePointAt(0) ?? 0;
  return code > MAX_SHORT_CODE ? `\\u{${code.toString(16)}}` : shortEscape(code);
};

/**
 * For people: `\u009b`, above U+FFFF `\u{e0001}`. A backslash is doubled, so that different texts stay different.
 */
export const visibleText = (text: string): string => {
  if (PLAIN.test(text)) return text;
  let visible = '';
  for (const char of text) {
    if (char === BACKSLASH) visible += '\\\\';
    else visible += isInvisible(char) ? escape(char) : char;
  }
  return visible;
};

/** For programs: the same JSON, its strings with `\u009b`, and two such escapes for a character above U+FFFF. */
export const visibleJson = (json: string): string => {
  if (PLAIN.test(json)) return json;
  let visible = '';
  for (const char of json) {
    if (!isInvisible(char)) visible += char;
    else for (let i = 0; i < char.length; i++) visible += shortEscape(char.charCodeAt(i));
  }
  return visible;
};
