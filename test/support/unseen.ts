/** Characters that must not reach a terminal or a page, and headers that have them. */

/** C0 but for line ends and tabs, C1, soft hyphen, zero width, bidi controls, line separators, byte order mark. */
export const UNSEEN =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** A header value that arrives as this text in UTF-8: Node sends each character as one byte. */
export const headerText = (text: string): string => Buffer.from(text).toString('latin1');
