/** Which bytes of a leaving peer's stream are passed on, however the stream is cut into reads. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ControlFrames } from '../../src/transport/control-frames.ts';
import { clientFrame } from '../support/raw-socket.ts';

interface SentFrame {
  readonly opcode: number;
  readonly bytes: Buffer;
}

const sentFrame = (opcode: number, length: number, masked = true): SentFrame => ({
  opcode,
  bytes: clientFrame(Buffer.alloc(length, opcode), { opcode, masked }),
});

const control = fc
  .tuple(fc.constantFrom(8, 9, 10), fc.integer({ min: 0, max: 125 }))
  .map(([opcode, length]) => sentFrame(opcode, length));
const data = fc
  .tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(0, 1, 125, 126, 300, 65_535, 65_536), fc.boolean())
  .map(([opcode, length, masked]) => sentFrame(opcode, length, masked));

/** The stream in reads of these sizes, again and again. */
const cut = (stream: Buffer, sizes: readonly number[]): Buffer[] => {
  const reads = [];
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    reads.push(stream.subarray(at, at + size));
    at += size;
  }
  return reads;
};

const joined = (frames: readonly SentFrame[]): Buffer => Buffer.concat(frames.map(({ bytes }) => bytes));
const isControl = ({ opcode }: SentFrame): boolean => opcode >= 8;

test('control frames are passed on as they came, and nothing else is', () => {
  const sizes = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 20_000 })), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(control, data), { maxLength: 12 }), sizes, (frames, readSizes) => {
      const passed: Buffer[] = [];
      const picked = new ControlFrames({ at: 'frame' }, (bytes) => passed.push(bytes));
      for (const read of cut(joined(frames), readSizes)) picked.read(read);
      expect(Buffer.concat(passed).equals(joined(frames.filter(isControl)))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('the control frames of one read are passed on in one piece', () => {
  const passed: Buffer[] = [];
  const ping = sentFrame(9, 20);
  const frames = [ping, sentFrame(1, 300), ping, ping];
  new ControlFrames({ at: 'frame' }, (bytes) => passed.push(bytes)).read(joined(frames));
  expect(passed).toEqual([joined([ping, ping, ping])]);
});

test('a frame with an unknown opcode is passed on, so that it is rejected', () => {
  const passed: Buffer[] = [];
  const picked = new ControlFrames({ at: 'frame' }, (bytes) => passed.push(bytes));
  picked.read(clientFrame('x', { opcode: 3 }));
  expect(Buffer.concat(passed)[0]).toBe(0x83);
});

const PAYLOAD = 70_000;
const MASK_BYTES = 4;

test.each([
  ['its length', { at: 'length', bytes: 8, isControl: false }, 2],
  ['its mask', { at: 'rest', bytes: MASK_BYTES + PAYLOAD, isControl: false }, 10],
  ['its payload', { at: 'rest', bytes: PAYLOAD, isControl: false }, 14],
] as const)('a data frame that has been read up to %s is skipped to its end', (_part, position, from) => {
  const passed: Buffer[] = [];
  const close = sentFrame(8, 2);
  const picked = new ControlFrames(position, (bytes) => passed.push(bytes));
  picked.read(Buffer.concat([sentFrame(2, PAYLOAD).bytes.subarray(from), close.bytes]));
  expect(passed).toEqual([close.bytes]);
});

test('a control frame that has been read in part is passed on to its end', () => {
  const passed: Buffer[] = [];
  const ping = sentFrame(9, 50);
  const picked = new ControlFrames({ at: 'rest', bytes: 50, isControl: true }, (bytes) => passed.push(bytes));
  picked.read(joined([{ ...ping, bytes: ping.bytes.subarray(6) }, sentFrame(1, 30)]));
  expect(Buffer.concat(passed)).toEqual(ping.bytes.subarray(6));
});
