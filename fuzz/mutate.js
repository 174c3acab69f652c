/** Makes inputs: samples that are good, changed in a few places. */

/** Bytes that parsers trip over. */
const PIECES = [
  '\0',
  '\n',
  '\r\n',
  '"',
  '\\',
  '\\u0000',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '0',
  '-1',
  '1e999',
  '99999999999999999999',
  'null',
  '\u{feff}',
  '\ud83d\ude00',
  ' ',
  '=',
  '#',
  '%00',
  '../',
].map((text) => Buffer.from(text));
const MAX_CHANGES = 6;
/** As long as a request head may be, and longer than any part of a sample. */
const MAX_BYTES = 20_000;
const MAX_REPEATS = 64;

/** @typedef {import('../load/random.js').Random} Random */

/** @type {((bytes: Buffer, at: number, random: Random, others: readonly Buffer[]) => Buffer)[]} */
const changes = [
  (bytes, at, random) => {
    const changed = Buffer.from(bytes);
    if (changed.length > 0) changed[at] = random.below(256);
    return changed;
  },
  (bytes, at, random) => {
    const changed = Buffer.from(bytes);
    if (changed.length > 0) changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
    return changed;
  },
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8))]),
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at), random.pick(PIECES), bytes.subarray(at)]),
  (bytes, at, random) => {
    const part = bytes.subarray(at, at + 1 + random.below(16));
    const repeated = Array.from({ length: 1 + random.below(MAX_REPEATS) }, () => part);
    return Buffer.concat([bytes.subarray(0, at), ...repeated, bytes.subarray(at)]);
  },
  (bytes, at, random, others) => {
    const other = random.pick(others);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(random.below(other.length + 1))]);
  },
];

/**
 * @param {readonly Buffer[]} samples not empty
 * @param {Random} random
 * @returns {Buffer} one of them now and then, else a changed one
 */
export const makeInput = (samples, random) => {
  let bytes = random.pick(samples);
  for (let left = random.below(MAX_CHANGES); left > 0; left--)
    bytes = random.pick(changes)(bytes, random.below(bytes.length + 1), random, samples);
  return bytes.subarray(0, MAX_BYTES);
};
