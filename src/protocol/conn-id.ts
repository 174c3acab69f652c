/** Connection ids: `c-` and 16 hex digits from 64 random bits. Opaque to everyone; never used twice. */

const FORM = /^c-[0-9a-f]{16}$/;
const RANDOM_BYTES = 8;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** @param randomBytes fills what it is given from a cryptographic source: ids must not be guessable */
export const makeConnId = (randomBytes: (target: Uint8Array) => void): string => {
  const bytes = new Uint8Array(RANDOM_BYTES);
  randomBytes(bytes);
  let id = 'c-';
  for (const byte of bytes) id += HEX[byte] ?? '';
  return id;
};

export const isConnId = (text: string): boolean => FORM.test(text);
