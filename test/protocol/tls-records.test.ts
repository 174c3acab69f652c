import { expect, test } from 'vitest';
import { isCompleteHandshakeRecord, TlsRecords } from '../../src/protocol/tls-records.ts';

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

const handshake = (bytes: number): Buffer => {
  const made = record(bytes);
  made[0] = 22;
  return made;
};

test('stops where a handshake record begins', () => {
  const records = new TlsRecords();
  const stream = Buffer.concat([record(1), record(2), handshake(3), record(4)]);
  expect(records.pass(stream, 0, 10)).toBe(13);
  expect(records.isBetween).toBe(true);
  expect(records.pass(stream, 13, 10)).toBe(stream.length);
});

test.each([
  ['nothing', Buffer.alloc(0), false],
  ['a part of its header', handshake(3).subarray(0, 4), false],
  ['its header', handshake(3).subarray(0, 5), false],
  ['all but a byte', handshake(300).subarray(0, -1), false],
  ['a whole one', handshake(300), true],
  ['a whole one and the next', Buffer.concat([handshake(0), handshake(3).subarray(0, 1)]), true],
  ['all but a byte of the longest', handshake(18_432).subarray(0, -1), false],
  ['the header of a longer one', handshake(18_433).subarray(0, 5), true],
  ['another record', record(3).subarray(0, 1), true],
])('a handshake record is complete or not: %s', (_what, chunk, expected) => {
  expect(isCompleteHandshakeRecord(Buffer.concat([Buffer.of(0), chunk]), 1)).toBe(expected);
});
