/** How much memory the pieces of an incomplete message take, and that they stay the same bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KEPT_PIECE_BYTES, REUSED_PIECE_BYTES } from '../../src/protocol/limits.ts';
import { JoinedPieces } from '../../src/transport/joined-pieces.ts';

/** A whole read of Node. */
const READ_BYTES = 64 * 1024;

const filled = (length: number, byte: number): Buffer => Buffer.alloc(length, byte);

/** The last bytes of a read. */
const endOfRead = (length: number, byte: number): Buffer =>
  Buffer.alloc(READ_BYTES, byte).subarray(READ_BYTES - length);

/** Bytes that the pieces keep in memory. */
const memoryOf = (pieces: readonly Buffer[]): number =>
  [...new Set(pieces.map(({ buffer }) => buffer))].reduce((sum, { byteLength }) => sum + byteLength, 0);

const lengthOf = (pieces: readonly Buffer[]): number => pieces.reduce((sum, { length }) => sum + length, 0);

describe('an incomplete message takes little more memory than its size', () => {
  test('when each piece is the last byte of a read', () => {
    const joined = new JoinedPieces();
    const pieces: Buffer[] = [];
    for (let i = 0; i < 1_000; i++) {
      pieces.push(endOfRead(1, i % 256));
      joined.join(pieces);
    }
    expect(pieces).toHaveLength(1);
    expect(pieces[0]).toEqual(Buffer.from(Array.from({ length: 1_000 }, (_, i) => i % 256)));
    expect(memoryOf(pieces)).toBeLessThanOrEqual(2_048);
  });

  test('when one read brings many pieces', () => {
    const read = filled(READ_BYTES, 7);
    const pieces = Array.from({ length: 5_000 }, (_, i) => read.subarray(i, i + 1));
    new JoinedPieces().join(pieces);
    expect(pieces).toHaveLength(1);
    expect(pieces[0]?.equals(filled(5_000, 7))).toBe(true);
    expect(memoryOf(pieces)).toBeLessThanOrEqual(10_000);
  });

  test('when pieces of all sizes come in any order', () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 2 * KEPT_PIECE_BYTES }));
    const read = fc.array(fc.tuple(size, fc.boolean()), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(read, { minLength: 1, maxLength: 20 }), (reads) => {
        const joined = new JoinedPieces();
        const pieces: Buffer[] = [];
        const expected: Buffer[] = [];
        reads.forEach((sizes, i) => {
          for (const [bytes, isAlone] of sizes) {
            const piece = isAlone ? filled(bytes, i) : endOfRead(bytes, i);
            pieces.push(piece);
            expected.push(Buffer.from(piece));
          }
          joined.join(pieces);
          expect(Buffer.concat(pieces).equals(Buffer.concat(expected))).toBe(true);
          expect(memoryOf(pieces)).toBeLessThanOrEqual(2 * lengthOf(pieces) + 64 * pieces.length);
          // A piece costs some 300 bytes by itself.
          expect(pieces.length).toBeLessThanOrEqual(2 + (2 * lengthOf(pieces)) / KEPT_PIECE_BYTES);
        });
      }),
      { numRuns: 50 },
    );
  });
});

test('no more memory is kept than the pieces and the spare bytes say, whatever comes', () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 2 * KEPT_PIECE_BYTES }));
  const piece = fc.record({ bytes: size, isAlone: fc.boolean() });
  const step = fc.record({
    read: fc.array(piece, { maxLength: 3 }),
    areCopiedOut: fc.boolean(),
    consumesAll: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
      const joined = new JoinedPieces();
      const pieces: Buffer[] = [];
      for (const { read, areCopiedOut, consumesAll } of steps) {
        if (consumesAll) pieces.length = 0;
        for (const { bytes, isAlone } of read) pieces.push(isAlone ? filled(bytes, 1) : endOfRead(bytes, 1));
        joined.join(pieces, areCopiedOut);
        // A piece that fills at least half of its read is not copied.
        const copied = pieces.filter(({ length, buffer }) => length < buffer.byteLength);
        const whole = lengthOf(pieces) - lengthOf(copied);
        expect(memoryOf(copied)).toBeLessThanOrEqual(lengthOf(pieces) + joined.spareBytes - whole);
      }
    }),
    { numRuns: 500 },
  );
});

test('a piece that fills its read is not copied', () => {
  const read = filled(READ_BYTES, 1);
  const pieces = [read];
  new JoinedPieces().join(pieces);
  expect(pieces[0]?.buffer).toBe(read.buffer);
});

test('what was consumed before stays as it was when more is joined', () => {
  const joined = new JoinedPieces();
  const pieces = [endOfRead(20, 1)];
  joined.join(pieces);
  pieces.push(endOfRead(20, 2));
  joined.join(pieces);
  // As ws consumes: a view is taken from the front of the first piece.
  const [first = Buffer.alloc(0)] = pieces;
  const consumed = first.subarray(0, 25);
  pieces[0] = first.subarray(25);
  pieces.push(endOfRead(20, 3));
  joined.join(pieces);
  expect(consumed).toEqual(Buffer.concat([filled(20, 1), filled(5, 2)]));
  expect(Buffer.concat(pieces)).toEqual(Buffer.concat([filled(15, 2), filled(20, 3)]));
});

test('nothing is kept once the message is complete', () => {
  const joined = new JoinedPieces();
  const pieces = [endOfRead(20, 1)];
  joined.join(pieces);
  const consumed = pieces.pop();
  joined.join(pieces);
  pieces.push(endOfRead(20, 2));
  joined.join(pieces);
  expect(pieces[0]?.buffer).not.toBe(consumed?.buffer);
});

test('memory is used again only if all that was in it has been copied out', () => {
  for (const copied of [
    [true, true],
    [false, true],
    [true, false],
  ] as const) {
    const joined = new JoinedPieces();
    const pieces: Buffer[] = [];
    for (const [i, areCopiedOut] of copied.entries()) {
      pieces.push(endOfRead(20, i));
      joined.join(pieces, areCopiedOut);
    }
    const [message] = pieces.splice(0);
    if (message === undefined) throw new Error('nothing was joined');
    pieces.push(endOfRead(20, 9));
    joined.join(pieces, true);
    expect(pieces[0]?.buffer === message.buffer).toBe(copied.every(Boolean));
    if (!copied.every(Boolean)) expect(message).toEqual(Buffer.concat([filled(20, 0), filled(20, 1)]));
  }
});

test('memory is not used again while a part of it is in the list', () => {
  const joined = new JoinedPieces();
  const pieces: Buffer[] = [Buffer.concat([filled(10, 1), filled(10, 2)])];
  joined.join(pieces, true);
  const [first = Buffer.alloc(0)] = pieces;
  const taken = first.subarray(0, 10);
  pieces[0] = first.subarray(10);
  pieces.push(endOfRead(5, 3));
  joined.join(pieces, true);
  expect(Buffer.concat(pieces)).toEqual(Buffer.concat([filled(10, 2), filled(5, 3)]));
  expect(taken).toEqual(filled(10, 1));
});

test('more memory than a read takes is not kept for the next message', () => {
  const joined = new JoinedPieces();
  const pieces: Buffer[] = [];
  for (let bytes = 0; bytes <= REUSED_PIECE_BYTES; bytes += 1_000) {
    pieces.push(endOfRead(1_000, 1));
    joined.join(pieces, true);
  }
  expect(lengthOf(pieces) + joined.spareBytes).toBeGreaterThan(REUSED_PIECE_BYTES);
  pieces.length = 0;
  pieces.push(endOfRead(10, 2));
  joined.join(pieces, true);
  expect(lengthOf(pieces) + joined.spareBytes).toBeLessThan(100);
});
