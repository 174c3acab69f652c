/** What waits for a socket comes out as it went in, and holds little more memory than it is charged for. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { COPIED_BODY_BYTES, WAITING_BLOCK_BYTES, WRITE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { WaitingChunks } from '../../src/transport/waiting-chunks.ts';
import { layOut, type OutboundMessage, type WriteChunk } from '../../src/transport/write-chunks.ts';

const C = WRITE_CHUNK_BYTES;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void; // What the flag above exposes.

const bytesOf = ({ parts }: WriteChunk): Buffer => Buffer.concat(parts);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const chargeOf = (chunks: readonly WriteChunk[]): number => sum(chunks.map(({ charge }) => charge));

/** A message whose bytes repeat after a prime number, so that a misplaced one shows. */
const message = (length: number, seed = 0, isForwarded = true): OutboundMessage => ({
  head: Buffer.from('{"head":'),
  body: Buffer.alloc(length, Buffer.from(Array.from({ length: 251 }, (_, i) => (i * 7 + seed) % 256))),
  tail: Buffer.from('}'),
  isForwarded,
});

/** Lays out what one turn queues, and then what other sockets do in that turn: they take the rest of the shared slab. */
const layOutTurn = (messages: readonly OutboundMessage[]): WriteChunk[] => {
  const chunks = layOut(messages);
  const shareBytes = Buffer.poolSize / 8;
  for (let shares = 0; shares < 8; shares++) Buffer.allocUnsafe(shareBytes);
  return chunks;
};

const takeAll = (waiting: WaitingChunks): WriteChunk[] => {
  const taken: WriteChunk[] = [];
  for (let chunk = waiting.take(); chunk !== undefined; chunk = waiting.take()) taken.push(chunk);
  return taken;
};

/** The memory that these chunks keep: each of their blocks and each other buffer in full, however little of it they refer to. */
const heldBytes = (chunks: readonly WriteChunk[]): number => {
  const blocks = chunks.flatMap((chunk) => chunk.blocks);
  const slabs = new Set(blocks.map(({ bytes }) => bytes.buffer));
  const buffers = new Set(chunks.flatMap(({ parts }) => parts.map(({ buffer }) => buffer)));
  const others = [...buffers].filter((buffer) => !slabs.has(buffer));
  return sum(blocks.map(({ bytes }) => bytes.length)) + sum(others.map(({ byteLength }) => byteLength));
};

const length = fc.oneof(
  { weight: 4, arbitrary: fc.nat(300) },
  { weight: 3, arbitrary: fc.nat(20_000) },
  { weight: 1, arbitrary: fc.constantFrom(COPIED_BODY_BYTES - 1, COPIED_BODY_BYTES, C - 13, C - 12, 3 * C) },
);
const turn = fc.record({
  messages: fc.array(fc.tuple(length, fc.nat(255), fc.boolean()), { minLength: 1, maxLength: 4 }),
  /** Chunks written before and after the turn's messages have been kept. */
  before: fc.nat(1),
  after: fc.nat(2),
  isLong: fc.boolean(),
});
const turns = fc.array(turn, { maxLength: 30 });

describe('chunks that wait', () => {
  test('come out in order, each at most one write, charged and counted in full, whenever they are taken', () => {
    fc.assert(
      fc.property(turns, (played) => {
        const waiting = new WaitingChunks();
        const given: WriteChunk[] = [];
        const taken: WriteChunk[] = [];
        // Copied at once, as the socket takes them: a chunk must not change afterwards.
        const take = (count: number): void => {
          for (let i = 0; i < count; i++) {
            const chunk = waiting.take();
            if (chunk === undefined) return;
            const { bytes, forwarded, charge } = chunk;
            taken.push({ parts: [bytesOf(chunk)], blocks: [], bytes, forwarded, charge });
          }
        };
        for (const { messages, before, after, isLong } of played) {
          const chunks = layOut(
            messages.map(([bytes, seed, isForwarded]) => message(bytes, seed, isForwarded)),
          );
          given.push(...chunks);
          waiting.push(chunks);
          take(before);
          waiting.keep(isLong);
          take(after);
        }
        take(Number.POSITIVE_INFINITY);
        expect(Buffer.concat(taken.map(bytesOf)).equals(Buffer.concat(given.map(bytesOf)))).toBe(true);
        expect(chargeOf(taken)).toBe(chargeOf(given));
        expect(sum(taken.map(({ forwarded }) => forwarded))).toBe(
          sum(given.map(({ forwarded }) => forwarded)),
        );
        expect(taken.every((chunk) => chunk.bytes === bytesOf(chunk).length && chunk.bytes <= C)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('are joined as long as they fit one write', () => {
    const waiting = new WaitingChunks();
    for (let i = 0; i < 1_000; i++) {
      waiting.push(layOut([message(50, i)]));
      waiting.keep(false);
    }
    const taken = takeAll(waiting);
    const bytes = sum(taken.map((chunk) => chunk.bytes));
    expect(taken).toHaveLength(Math.ceil(bytes / C));
  });

  test('are in few parts: a system call takes them together', () => {
    const waiting = new WaitingChunks();
    for (let i = 0; i < 1_000; i++) {
      waiting.push(layOut([message(40, i)]));
      waiting.keep(false);
    }
    for (const { parts } of takeAll(waiting)) expect(parts.length).toBeLessThan(10);
  });

  test.each([1, 100, 4_000, COPIED_BODY_BYTES - 1, COPIED_BODY_BYTES, 20_000, C - 100, C, 3 * C])(
    'hold at most twice what they are charged and one block: messages of %i bytes, one a turn',
    (bytes) => {
      for (const count of [1, 2, 10, 100]) {
        for (const isLong of [false, true]) {
          const waiting = new WaitingChunks();
          for (let i = 0; i < count; i++) {
            waiting.push(layOutTurn([message(bytes, i)]));
            waiting.keep(isLong);
          }
          const taken = takeAll(waiting);
          expect(heldBytes(taken)).toBeLessThanOrEqual(2 * chargeOf(taken) + WAITING_BLOCK_BYTES);
        }
      }
    },
  );

  test('hold no more than that whatever their sizes are', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(length, fc.boolean()), { minLength: 1, maxLength: 60 }), (sizes) => {
        const waiting = new WaitingChunks();
        for (const [bytes, isLong] of sizes) {
          waiting.push(layOutTurn([message(bytes)]));
          waiting.keep(isLong);
        }
        const taken = takeAll(waiting);
        const room = WAITING_BLOCK_BYTES * taken.length;
        expect(heldBytes(taken)).toBeLessThanOrEqual(2 * chargeOf(taken) + room);
      }),
      { numRuns: 200 },
    );
  });

  test('hold no more than that when each message is a little more than what is left of a block', () => {
    const waiting = new WaitingChunks();
    // With their frame and the 9 bytes around a body: 10, 1,015, 10, 2,039 and so on.
    for (const bytes of [1, 1_002, 1, 2_026, 2_045, 6_122, 10_237, 22_506]) {
      waiting.push(layOutTurn([{ ...message(bytes), head: Buffer.of(), tail: Buffer.of() }]));
      waiting.keep(true);
    }
    const taken = takeAll(waiting);
    expect(heldBytes(taken)).toBeLessThanOrEqual(2 * chargeOf(taken) + WAITING_BLOCK_BYTES * taken.length);
  });

  test('hold no more than that when small and large messages alternate', () => {
    const waiting = new WaitingChunks();
    for (let i = 0; i < 100; i++) {
      waiting.push(layOutTurn([message(10, i), message(i % 2 === 0 ? 9_000 : 30_000, i), message(200, i)]));
      waiting.keep(i % 3 === 0);
    }
    const taken = takeAll(waiting);
    expect(heldBytes(taken)).toBeLessThanOrEqual(2 * chargeOf(taken) + WAITING_BLOCK_BYTES);
  });

  test('hold no more than that when Node’s shared slabs are of 64 KiB, as in newer versions', () => {
    const { poolSize } = Buffer;
    onTestFinished(() => {
      Buffer.poolSize = poolSize;
    });
    Buffer.poolSize = 64 * 1_024;
    const waiting = new WaitingChunks();
    for (let i = 0; i < 100; i++) {
      waiting.push(layOutTurn([message(5_000, i), message(5_000, i)]));
      waiting.keep(false);
    }
    const taken = takeAll(waiting);
    expect(heldBytes(taken)).toBeLessThanOrEqual(2 * chargeOf(taken) + WAITING_BLOCK_BYTES);
  });

  test('are not held once they have been taken, though others still wait', async () => {
    const waiting = new WaitingChunks();
    waiting.push(layOut(Array.from({ length: 10 }, (_, i) => message(C / 2, i))));
    waiting.keep(false);
    const taken = Array.from({ length: 4 }, () => new WeakRef(waiting.take() ?? {}));
    // A WeakRef holds what it refers to until the end of the turn.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(taken.filter((chunk) => chunk.deref() !== undefined)).toEqual([]);
    expect(takeAll(waiting).length).toBeGreaterThan(0);
  });

  test('that are large are not copied', () => {
    const body = message(COPIED_BODY_BYTES).body;
    const waiting = new WaitingChunks();
    waiting.push(layOut([{ head: Buffer.of(1), body, tail: Buffer.of(2), isForwarded: true }]));
    waiting.keep(false);
    expect(waiting.take()?.parts.some((part) => part.buffer === body.buffer)).toBe(true);
  });

  test.each([COPIED_BODY_BYTES, 20_000, C - 100, 3 * C])(
    'are all in blocks if they will wait for long: a message of %i bytes',
    (bytes) => {
      const { body } = message(bytes);
      const waiting = new WaitingChunks();
      waiting.push(
        layOut([message(10), { head: Buffer.of(1), body, tail: Buffer.of(2), isForwarded: true }]),
      );
      waiting.keep(true);
      const taken = takeAll(waiting);
      const buffers = taken.flatMap(({ parts }) => parts.map((part) => part.buffer));
      expect(buffers.includes(body.buffer)).toBe(false);
      expect(sum(taken.map((chunk) => bytesOf(chunk).length))).toBeGreaterThan(bytes);
    },
  );

  test('are not copied from one block to another', () => {
    const waiting = new WaitingChunks();
    // Parts of larger reads: they are laid out in a block.
    waiting.push(
      layOut(
        Array.from({ length: 3 }, (_, i) => ({ ...message(0), body: message(C, i).body.subarray(0, C / 4) })),
      ),
    );
    const laidOut = waiting.take();
    if (laidOut === undefined) throw new Error('nothing waits');
    waiting.push([laidOut]);
    waiting.keep(true);
    expect(waiting.take()?.blocks).toEqual(laidOut.blocks);
  });

  test('are forgotten when they are cleared', () => {
    const waiting = new WaitingChunks();
    waiting.push(layOut([message(10)]));
    waiting.keep(false);
    waiting.clear();
    expect(waiting.take()).toBeUndefined();
    waiting.push(layOut([message(20, 3)]));
    waiting.keep(false);
    expect(takeAll(waiting).map(bytesOf)).toEqual(layOut([message(20, 3)]).map(bytesOf));
  });
});
