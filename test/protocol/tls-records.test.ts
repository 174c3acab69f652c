import { expect, test } from 'vitest';
import { TlsRecords } from '../../src/protocol/tls-records.ts';

const record = (bytes: number): Buffer => {
  const made = Buffer.alloc(5 + bytes, 23);
  made.writeUInt16BE(bytes, 3);
  return made;
};

const SIZES = [22, 0, 1, 300, 0, 16_640];
const STREAM = Buffer.concat(SIZES.map(record));

test.each([1, 2, 3, 4, 5, 6, 7, 26, 27, 28, 1_000, STREAM.length])(
  'every record ends once, however the bytes are cut: into pieces of %i',
  (piece) => {
    const records = new TlsRecords();
    const ends: number[] = [];
    for (let start = 0; start < STREAM.length; start += piece) {
      const chunk = STREAM.subarray(start, start + piece);
      let at = 0;
      while (at < chunk.length) {
        const before = records.ended;
        at = records.pass(chunk, at, 1);
        if (records.ended > before) ends.push(start + at);
      }
    }
    expect(ends).toEqual([27, 32, 38, 343, 348, STREAM.length]);
  },
);

test('passes no more records than it is asked to', () => {
  const records = new TlsRecords();
  expect(records.pass(STREAM, 0, 3)).toBe(38);
  expect(records.ended).toBe(3);
  expect(records.pass(STREAM, 38, 10)).toBe(STREAM.length);
  expect(records.ended).toBe(SIZES.length);
});
