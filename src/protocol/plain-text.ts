/**
 * Fast path for long strings without escapes. Nearly every message is one: kilobytes of base64 ciphertext. WebAssembly looks at 32 bytes
 * at once. With the copy into its memory that takes a fifth of what words of four bytes take in JavaScript (docs/performance.md).
 */
import { PLAIN_TEXT_MODULE } from './plain-text-module.ts';

/**
 * What is copied first. Most strings end in it. Each further part is `PART_GROWTH` times as long: a longer string is copied with at most
 * eight times its own length behind it, so a message of many strings costs no more than it did byte by byte.
 */
const FIRST_PART_BYTES = 1_024;
const PART_GROWTH = 8;
const LONGEST_PART_BYTES = 32 * FIRST_PART_BYTES;

interface Finder {
  readonly memory: Uint8Array;
  /** Where plain text ends in the first `bytes` of the memory, or how many of them were looked at: all but 15 at most. */
  find(bytes: number): number;
}

/** Undefined where there is no WebAssembly (`node --jitless`), or no address space for it (`ulimit -v`): the scanner goes on byte by byte. */
const loadFinder = (): Finder | undefined => {
  try {
    const { exports } = new WebAssembly.Instance(
      new WebAssembly.Module(Buffer.from(PLAIN_TEXT_MODULE, 'base64')),
    );
    const { find, memory } = exports;
    if (typeof find !== 'function' || !(memory instanceof WebAssembly.Memory)) return undefined;
    return {
      memory: new Uint8Array(memory.buffer),
      // plain-text-module.test.ts proves that the module is plain-text.wat, whose `find` takes an i32 and gives one.
      find: find as (bytes: number) => number,
    };
  } catch {
    return undefined;
  }
};

const finder = loadFinder();

/**
 * Skips text that stands for itself. @returns the position of the first quote, backslash or control character at or after `at`, or an
 * earlier one from where to look for it
 */
export const skipPlainText = (bytes: Uint8Array, at: number): number => {
  if (finder === undefined) return at;
  let i = at;
  let partBytes = FIRST_PART_BYTES;
  for (;;) {
    const copied = Math.min(partBytes, bytes.length - i);
    finder.memory.set(bytes.subarray(i, i + copied));
    const plain = finder.find(copied);
    i += plain;
    if (plain < partBytes) return i;
    partBytes = Math.min(partBytes * PART_GROWTH, LONGEST_PART_BYTES);
  }
};
