import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  formatSize,
  readAddress,
  readCount,
  readDuration,
  readSize,
} from '../../src/config/quantities.ts';

describe('a duration', () => {
  test.each([
    ['0ms', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['2m', 120_000],
    ['24h', 86_400_000],
    ['007s', 7_000],
  ])('%s is %i milliseconds', (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });

  test.each([
    '',
    '5',
    's',
    '5 s',
    ' 5s',
    '5s ',
    '-5s',
    '+5s',
    '1.5s',
    '5S',
    '5sec',
    '1e3s',
    '1m30s',
    '٣s',
    '5s\n',
  ])('%j is not a duration', (text) => {
    expect(readDuration(text)).toBeUndefined();
  });

  test('reads back what was written', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.nat(86_400_000),
          fc.nat(1_440).map((minutes) => minutes * 60_000),
        ),
        (ms) => {
          expect(readDuration(formatDuration(ms))).toBe(ms);
        },
      ),
    );
  });

  test('is written in the largest unit that fits', () => {
    expect([0, 1, 1_000, 1_500, 60_000, 90_000, 120_000].map(formatDuration)).toEqual(
      '0s 1ms 1s 1500ms 1m 90s 2m'.split(' '),
    );
  });
});

describe('a size', () => {
  test.each([
    ['0', 0],
    ['4096', 4_096],
    ['4096B', 4_096],
    ['256KiB', 262_144],
    ['4MiB', 4_194_304],
    ['1GiB', 1_073_741_824],
  ])('%s is %i bytes', (text, bytes) => {
    expect(readSize(text)).toBe(bytes);
  });

  test.each([
    '',
    'B',
    'KiB',
    '4 KiB',
    '4KB',
    '4kib',
    '4K',
    '-4',
    '+4',
    '4.5KiB',
    '0x10',
    '1e3',
    '4TiB',
    '4\n',
  ])('%j is not a size', (text) => {
    expect(readSize(text)).toBeUndefined();
  });

  test('reads back what was written', () => {
    const bytes = fc
      .tuple(fc.nat(2_000), fc.constantFrom(1, 1024, 1024 ** 2))
      .map(([count, unit]) => count * unit);
    fc.assert(
      fc.property(fc.oneof(bytes, fc.nat(2 ** 31 - 1)), (size) => {
        expect(readSize(formatSize(size))).toBe(size);
      }),
    );
  });

  test('is written in the largest unit that fits', () => {
    expect([0, 1, 1_023, 1_024, 1_025, 262_144, 1_048_576].map(formatSize)).toEqual(
      '0B 1B 1023B 1KiB 1025B 256KiB 1MiB'.split(' '),
    );
  });
});

describe('a count', () => {
  test('is decimal digits and nothing else', () => {
    expect(['0', '16', '007'].map(readCount)).toEqual([0, 16, 7]);
    for (const text of ['', ' ', '-1', '+1', '1.0', '1e3', '0x10', '1 ', 'NaN', '1\n']) {
      expect(readCount(text), text).toBeUndefined();
    }
  });
});

describe('an address', () => {
  test.each([
    ['127.0.0.1:8080', '127.0.0.1', 8_080],
    ['localhost:0', 'localhost', 0],
    [':8080', '', 8_080],
    ['[::1]:9090', '::1', 9_090],
    ['[::ffff:127.0.0.1]:1', '::ffff:127.0.0.1', 1],
    ['relay.example:65535', 'relay.example', 65_535],
  ])('%s is a host and a port', (text, host, port) => {
    expect(readAddress(text)).toEqual({ host, port });
  });

  test.each([
    '',
    ':',
    '8080',
    'host',
    'host:',
    '::1:80',
    '[::1]',
    '[::1]80',
    '[]:80',
    '[x]:80',
    'a b:80',
    'a:b:80',
  ])('%j is not an address', (text) => {
    expect(readAddress(text)).toBeUndefined();
  });

  test.each([
    'host:-1',
    'host:+80',
    'host: 80',
    'host:80 ',
    'host:80\n',
    'host:123456',
    'http://host:80',
    '[::1:80',
  ])('%j is not an address either', (text) => {
    expect(readAddress(text)).toBeUndefined();
  });
});
