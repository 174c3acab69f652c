/** Names that a certificate can be ordered for. */
import { domainToASCII } from 'node:url';

/** Names of one certificate: Let's Encrypt takes no more. */
export const MAX_DOMAINS = 100;

/** RFC 1035 section 2.3.4. */
const MAX_NAME_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;
/** Characters with a meaning in URLs: `domainToASCII` would decode or drop them. */
const URL_SYNTAX = /[%/\\:@?#[\]\s]/;

const isLabel = (label: string): boolean =>
  /^[a-z0-9-]+$/.test(label) &&
  label.length <= MAX_LABEL_LENGTH &&
  !label.startsWith('-') &&
  !label.endsWith('-');

/** Lower-cased, with international names as punycode (RFC 5890). Undefined if it is no name of a public host. */
export const asDomainName = (text: string): string | undefined => {
  if (URL_SYNTAX.test(text)) return undefined;
  const name = domainToASCII(text);
  const labels = name.split('.');
  // Only an IPv4 address ends in a number. A wildcard cannot be proved by http-01.
  const isName = labels.length > 1 && labels.every(isLabel) && !/^\d+$/.test(labels.at(-1) ?? '');
  return isName && name.length <= MAX_NAME_LENGTH ? name : undefined;
};

/** Null for none. Each name once, in the order given. Undefined if one of them is none, or if there are too many. */
export const checkDomains = (value: unknown): readonly string[] | null | undefined => {
  if (value === null) return null;
  if (!Array.isArray(value)) return undefined;
  const names = new Set<string>();
  for (const item of value as readonly unknown[]) {
    const name = typeof item === 'string' ? asDomainName(item) : undefined;
    if (name === undefined) return undefined;
    names.add(name);
  }
  return names.size > 0 && names.size <= MAX_DOMAINS ? [...names] : undefined;
};
