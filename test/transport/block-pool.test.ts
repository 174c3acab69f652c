/** Memory for what is queued: no two blocks that are taken overlap, and what is given back is used again. */
import * as fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import {
  BLOCK_STEP_BYTES,
  MOST_SLAB_SHARE,
  SLAB_BYTES,
  SPAN_BYTES,
  SPARE_SLABS,
  WRITE_CHUNK_BYTES,
} from '../../src/protocol/limits.ts';
import { type Block, BlockPool } from '../../src/transport/block-pool.ts';

let pool: BlockPool;
beforeEach(() => {
  pool = new BlockPool();
});

/** Takes one of so many bytes; or gives back one of those taken, chosen by a number. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ take: fc.integer({ min: 1, max: WRITE_CHUNK_BYTES }) }) },
  { weight: 2, arbitrary: fc.record({ give: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant('trim' as const) },
);

test('a block keeps what was written to it until it is given back, whatever others are taken and given', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const own = new BlockPool();
      const taken: { readonly block: Block; readonly mark: number; readonly bytes: number }[] = [];
      let marks = 0;
      for (const each of steps) {
        if (each === 'trim') own.trim();
        else if ('take' in each) {
          const block = own.take(each.take);
          expect(block.bytes.length).toBeGreaterThanOrEqual(each.take);
          expect(block.bytes.length).toBeLessThan(each.take + BLOCK_STEP_BYTES);
          const mark = ++marks % 256;
          block.bytes.fill(mark);
          taken.push({ block, mark, bytes: block.bytes.length });
        } else if (taken.length > 0) {
          const [given] = taken.splice(each.give % taken.length, 1);
          if (given !== undefined) own.give(given.block);
        }
        for (const { block, mark } of taken) {
          expect(block.bytes[0]).toBe(mark);
          expect(block.bytes.at(-1)).toBe(mark);
        }
        expect(own.takenBytes).toBe(taken.reduce((sum, { bytes }) => sum + bytes, 0));
      }
      for (const { block } of taken) own.give(block);
      own.trim();
      expect(own.slabBytes).toBe(0);
    }),
  );
});

test('what is given back is taken again, also for blocks of another size', () => {
  const countOf = (bytes: number): number => Math.floor(SPAN_BYTES / bytes) * (SLAB_BYTES / SPAN_BYTES);
  for (const bytes of [WRITE_CHUNK_BYTES, BLOCK_STEP_BYTES, 5 * BLOCK_STEP_BYTES]) {
    const blocks = Array.from({ length: countOf(bytes) - 8 }, () => pool.take(bytes));
    expect(pool.slabBytes).toBeLessThanOrEqual(2 * SLAB_BYTES);
    for (const block of blocks) pool.give(block);
  }
});

test('slabs of which nothing is taken go, and no others', () => {
  const last = pool.take(WRITE_CHUNK_BYTES);
  const blocks = Array.from({ length: (3 * SLAB_BYTES) / WRITE_CHUNK_BYTES }, () =>
    pool.take(WRITE_CHUNK_BYTES),
  );
  expect(pool.slabBytes).toBeGreaterThanOrEqual(3 * SLAB_BYTES);
  for (const block of blocks) pool.give(block);
  pool.trim();
  expect(pool.slabBytes).toBe(SLAB_BYTES);
  pool.give(last);
  pool.trim();
  expect(pool.slabBytes).toBe(0);
});

test('a block that is given back twice is a fault, not memory for two', () => {
  // Its neighbour is taken, so the span has room for one more.
  const [block, neighbour] = [pool.take(1), pool.take(1)];
  pool.give(block);
  expect(() => pool.give(block)).toThrow('a block was given back twice');
  expect(pool.take(1).bytes.byteOffset).not.toBe(neighbour.bytes.byteOffset);
  expect(pool.take(1).bytes.byteOffset).not.toBe(block.bytes.byteOffset);
});

test('one block of each span, of many sizes, does not keep many times what is taken', () => {
  const kept: Block[] = [];
  for (let bytes = BLOCK_STEP_BYTES; bytes <= WRITE_CHUNK_BYTES; bytes += BLOCK_STEP_BYTES) {
    const most = kept.reduce((sum, block) => sum + block.bytes.length, 0);
    const blocks = Array.from({ length: Math.floor(SLAB_BYTES / bytes) }, () => pool.take(bytes));
    const perSpan = Math.floor(SPAN_BYTES / bytes);
    for (const [n, block] of blocks.entries()) {
      if (n % perSpan === 0) kept.push(block);
      else pool.give(block);
    }
    expect(pool.slabBytes).toBeLessThanOrEqual(
      MOST_SLAB_SHARE * (most + SLAB_BYTES) + SPARE_SLABS * SLAB_BYTES,
    );
  }
  // What was asked for beyond that had memory of its own.
  expect(kept.some(({ span }) => span === undefined)).toBe(true);
  for (const block of kept) pool.give(block);
  pool.trim();
  expect([pool.takenBytes, pool.slabBytes]).toEqual([0, 0]);
});

test('at most a fifth of a span is left over, whatever the size of its blocks', () => {
  for (
    let bytes = BLOCK_STEP_BYTES;
    bytes <= WRITE_CHUNK_BYTES + BLOCK_STEP_BYTES;
    bytes += BLOCK_STEP_BYTES
  ) {
    expect((SPAN_BYTES % bytes) / SPAN_BYTES).toBeLessThanOrEqual(0.2);
  }
});
