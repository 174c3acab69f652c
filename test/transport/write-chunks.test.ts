/** The chunks are read back with a frame parser of their own: what went in must come out, as text messages. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COPIED_BODY_BYTES, WRITE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import {
  chargeOf,
  layOut,
  type OutboundMessage,
  payloadBytes,
  type WriteChunk,
} from '../../src/transport/write-chunks.ts';

interface Frame {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Unmasked frames as RFC 6455 section 5.2 draws them; throws when the bytes end within one. */
const readFrames = (bytes: Uint8Array): Frame[] => {
  const buffer = Buffer.from(bytes);
  const frames: Frame[] = [];
  let at = 0;
  while (at < buffer.length) {
    const first = buffer.readUInt8(at);
    const short = buffer.readUInt8(at + 1);
    let length = short;
    at += 2;
    if (short === 126) {
      length = buffer.readUInt16BE(at);
      at += 2;
    } else if (short === 127) {
      length = Number(buffer.readBigUInt64BE(at));
      at += 8;
    } else if (short > 127) throw new Error('a server never masks');
    if (at + length > buffer.length) throw new Error('the chunk ends within a frame');
    frames.push({
      isFinal: first >= 128,
      opcode: first % 128,
      payload: buffer.subarray(at, at + length),
    });
    at += length;
  }
  return frames;
};

/** The payloads of text messages, their fragments joined. */
const readMessages = (frames: readonly Frame[]): Buffer[] => {
  const messages: Buffer[] = [];
  let open: Buffer[] | undefined;
  for (const { isFinal, opcode, payload } of frames) {
    expect(opcode).toBe(open === undefined ? 1 : 0);
    open = [...(open ?? []), payload];
    if (!isFinal) continue;
    messages.push(Buffer.concat(open));
    open = undefined;
  }
  expect(open).toBeUndefined();
  return messages;
};

const bytesOf = ({ parts }: WriteChunk): Buffer => Buffer.concat(parts);
const joined = ({ head, body, tail }: OutboundMessage): Buffer => Buffer.concat([head, body, tail]);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Bytes that repeat after a prime number, so that a misplaced one shows. */
const pattern = (length: number, seed: number): Buffer =>
  Buffer.alloc(length, Buffer.from(Array.from({ length: 251 }, (_, i) => (i * 7 + seed) % 256)));

const message = (length: number, seed = 1, isForwarded = true, cuts = [0, length]): OutboundMessage => {
  const payload = pattern(length, seed);
  const [first = 0, second = 0] = cuts.map((cut) => cut % (length + 1)).sort((a, b) => a - b);
  return {
    head: payload.subarray(0, first),
    body: payload.subarray(first, second),
    tail: payload.subarray(second),
    isForwarded,
  };
};

const C = WRITE_CHUNK_BYTES;
const length = fc.oneof(
  { weight: 4, arbitrary: fc.nat(300) },
  { weight: 2, arbitrary: fc.nat(30_000) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(0, 1, 125, 126, C - 16, C - 11, C - 10, C - 9, C - 5, C - 4, C - 3),
  },
  { weight: 2, arbitrary: fc.constantFrom(C - 2, C - 1, C, C + 1, 2 * C - 20, 2 * C - 19, 2 * C, 3 * C) },
  { weight: 1, arbitrary: fc.nat(300_000) },
);
const anyMessage = fc
  .tuple(length, fc.nat(255), fc.boolean(), fc.tuple(fc.nat(), fc.nat()))
  .map(([bytes, seed, isForwarded, cuts]) => message(bytes, seed, isForwarded, cuts));
const anyMessages = fc.array(anyMessage, { maxLength: 10 });

/** A frame of its own has 2, 4 or 10 bytes of header. */
const framedBytes = (payload: number): number => payload + (payload < 126 ? 2 : payload < 65_536 ? 4 : 10);

const isSame = (actual: readonly Buffer[], expected: readonly Buffer[]): boolean =>
  actual.length === expected.length &&
  actual.every((payload, i) => payload.equals(expected[i] ?? Buffer.of()));

const check = (messages: readonly OutboundMessage[], chunks: readonly WriteChunk[]): void => {
  const frames = chunks.map((chunk) => readFrames(bytesOf(chunk)));
  expect(isSame(readMessages(frames.flat()), messages.map(joined))).toBe(true);
  expect(sum(chunks.map(({ charge }) => charge))).toBe(sum(messages.map(chargeOf)));
  let ended = 0;
  for (const [i, chunk] of chunks.entries()) {
    const { forwarded, bytes } = chunk;
    expect(bytes).toBe(bytesOf(chunk).length);
    const before = ended;
    ended += frames[i]?.filter(({ isFinal }) => isFinal).length ?? 0;
    expect(forwarded).toBe(messages.slice(before, ended).filter(({ isForwarded }) => isForwarded).length);
  }
};

describe('messages laid out in chunks', () => {
  test('come back in order, whole frames in each chunk, charged and counted in full', () => {
    fc.assert(
      fc.property(anyMessages, (messages) => {
        const chunks = layOut(messages);
        check(messages, chunks);
        for (const { bytes } of chunks) {
          expect(bytes).toBeGreaterThan(0);
          expect(bytes).toBeLessThanOrEqual(C);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('are one frame each when that fits a chunk, and fragments when it does not', () => {
    fc.assert(
      fc.property(anyMessages, (messages) => {
        const frames = layOut(messages).flatMap((chunk) => readFrames(bytesOf(chunk)));
        let at = 0;
        for (const one of messages) {
          const last = frames.findIndex(({ isFinal }, i) => i >= at && isFinal);
          const isWhole = framedBytes(payloadBytes(one)) <= C;
          expect(last === at).toBe(isWhole);
          at = last + 1;
        }
      }),
      { numRuns: 100 },
    );
  });

  test('are none for no messages', () => {
    expect(layOut([])).toEqual([]);
  });

  test('share a chunk as long as they fit', () => {
    const small = Array.from({ length: 100 }, (_, i) => message(50, i));
    expect(layOut(small)).toHaveLength(1);
    // Two frames that fill a chunk to the last byte, and two that are one byte too many.
    expect(layOut([message(40_000), message(C - 40_004 - 4)])).toHaveLength(1);
    expect(layOut([message(40_000), message(C - 40_004 - 3)])).toHaveLength(2);
  });

  test('are cut into fragments from the first payload that no longer fits with its header', () => {
    const frameCount = (bytes: number): number =>
      layOut([message(bytes)]).flatMap((chunk) => readFrames(bytesOf(chunk))).length;
    expect(frameCount(C - 4)).toBe(1);
    expect(frameCount(C - 3)).toBe(2);
    expect(frameCount(256 * 1024)).toBe(5);
  });

  test('count a fragmented message where it ends, and not before', () => {
    const chunks = layOut([message(2 * C)]);
    expect(chunks.map(({ forwarded }) => forwarded)).toEqual(
      chunks.map((_, i) => (i === chunks.length - 1 ? 1 : 0)),
    );
  });

  test('send a large body from where it lies', () => {
    const body = pattern(COPIED_BODY_BYTES, 1);
    const [chunk] = layOut([
      { head: Buffer.from('head'), body, tail: Buffer.from('tail'), isForwarded: true },
    ]);
    expect(chunk?.parts.some((part) => part.buffer === body.buffer)).toBe(true);
  });

  test('copy a small body, and one that is a small part of its memory: waiting, it must not keep the rest', () => {
    const small = pattern(COPIED_BODY_BYTES - 1, 1);
    const read = pattern(10 * C, 1);
    const parts = [small, read.subarray(0, COPIED_BODY_BYTES), read.subarray(0, 2 * C)];
    for (const body of parts) {
      const chunks = layOut([{ head: Buffer.of(), body, tail: Buffer.of(), isForwarded: true }]);
      expect(chunks.flatMap((chunk) => chunk.parts).some((part) => part.buffer === body.buffer)).toBe(false);
      expect(readMessages(chunks.flatMap((chunk) => readFrames(bytesOf(chunk))))[0]?.equals(body)).toBe(true);
    }
  });
});

test('a message is charged its bytes and 64 more', () => {
  expect(chargeOf({ ...message(10), head: Buffer.alloc(3), tail: Buffer.alloc(4) })).toBe(10 + 3 + 4 + 64);
  expect(chargeOf(message(0))).toBe(64);
});
