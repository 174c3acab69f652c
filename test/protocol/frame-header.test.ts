import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FramePosition, frameHeaderBytes, writeFrameHeader } from '../../src/protocol/frame-header.ts';

interface Header {
  readonly isFinal: boolean;
  readonly reserved: number;
  readonly opcode: number;
  readonly isMasked: boolean;
  readonly payloadBytes: number;
  /** Header size in bytes. */
  readonly size: number;
}

/** Decodes a header, following the diagram in RFC 6455 section 5.2. */
const decode = (bytes: Buffer): Header => {
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  const short = second % 128;
  const [payloadBytes, size] =
    short === 127
      ? [Number(bytes.readBigUInt64BE(2)), 10]
      : short === 126
        ? [bytes.readUInt16BE(2), 4]
        : [short, 2];
  return {
    isFinal: first >= 128,
    reserved: Math.floor(first / 16) % 8,
    opcode: first % 16,
    isMasked: second >= 128,
    payloadBytes,
    size,
  };
};

const WHOLE: FramePosition = { isFirst: true, isLast: true };

/** Writes a header at `offset` of a target filled with ones, and decodes it. */
const written = (payloadBytes: number, position = WHOLE, offset = 0): Header & { readonly end: number } => {
  const target = Buffer.alloc(offset + 20, 0xff);
  const end = writeFrameHeader(target, offset, payloadBytes, position);
  expect(target.subarray(0, offset).every((byte) => byte === 0xff)).toBe(true);
  expect(target.subarray(end).every((byte) => byte === 0xff)).toBe(true);
  return { ...decode(target.subarray(offset)), end };
};

describe('a frame header', () => {
  test.each([
    [0, 2],
    [1, 2],
    [125, 2],
    [126, 4],
    [127, 4],
    [255, 4],
    [256, 4],
    [65_535, 4],
    [65_536, 10],
    [200_000, 10],
    [2 ** 31, 10],
    [2 ** 32 - 1, 10],
  ])('for a payload of %i bytes takes %i bytes', (payloadBytes, size) => {
    expect(frameHeaderBytes(payloadBytes)).toBe(size);
    expect(written(payloadBytes)).toEqual({
      isFinal: true,
      reserved: 0,
      opcode: 1,
      isMasked: false,
      payloadBytes,
      size,
      end: size,
    });
  });

  test('encodes any payload length in the shortest form, at any offset', () => {
    const length = fc.oneof(fc.nat(300), fc.nat(70_000), fc.nat(2 ** 31 - 1));
    fc.assert(
      fc.property(length, fc.nat(10), (payloadBytes, offset) => {
        const header = written(payloadBytes, WHOLE, offset);
        expect(header.payloadBytes).toBe(payloadBytes);
        expect(header.size).toBe(frameHeaderBytes(payloadBytes));
        expect(header.end).toBe(offset + header.size);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['a whole message', true, true, 1],
    ['a first fragment', true, false, 1],
    ['a middle fragment', false, false, 0],
    ['a last fragment', false, true, 0],
  ])('of %s has the right opcode and FIN bit', (_, isFirst, isLast, opcode) => {
    for (const payloadBytes of [5, 300, 70_000]) {
      const header = written(payloadBytes, { isFirst, isLast });
      expect([header.opcode, header.isFinal]).toEqual([opcode, isLast]);
    }
  });
});
