/** What a phone may send. Nothing it sends can change the envelope around it. */
import { isUtf8 } from 'node:buffer';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENVELOPE_TAIL, envelopeHead, readPhoneMessage } from '../../src/protocol/phone-message.ts';

const CONN_ID = 'c-0123456789abcdef';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const read = (text: string): string | undefined => {
  const frame = readPhoneMessage(Buffer.from(text));
  return frame === undefined ? undefined : decoder.decode(frame);
};

const wrap = (frame: Uint8Array, connId = CONN_ID): string =>
  Buffer.concat([envelopeHead(connId), frame, ENVELOPE_TAIL]).toString();

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 4 });
const json = fc.json({ maxDepth: 3 });

describe('a message that is one JSON value', () => {
  test('is wrapped in an envelope of exactly conn_id and frame, in that order', () => {
    fc.assert(
      fc.property(space, json, space, fc.string({ unit: 'binary' }), (before, text, after, connId) => {
        const frame = readPhoneMessage(Buffer.from(`${before}${text}${after}`));
        expect(frame).toBeDefined();
        const envelope: unknown = JSON.parse(wrap(frame ?? new Uint8Array(0), connId));
        const wanted = `{"conn_id":${JSON.stringify(connId)},"frame":${JSON.stringify(JSON.parse(text))}}`;
        expect(JSON.stringify(envelope)).toBe(wanted);
      }),
      { numRuns: 300 },
    );
  });

  test('keeps its bytes, without the surrounding whitespace', () => {
    fc.assert(
      fc.property(space, json, space, (before, text, after) => {
        expect(read(`${before}${text}${after}`)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    '123456789012345678901234567890',
    '-0',
    '1.0e+00',
    '{"b":1,"a":2,"b":3}',
    '{"2":0,"1":0}',
    '"\u2028\u2029"',
    '"<>&"',
    '"\\u003c\\/\\ud800"',
    '[ 1 ,\n\t2\r]',
    '"\u{1F600}é\u007f"',
    'null',
    '""',
  ])('%j passes unchanged', (text) => {
    expect(read(text)).toBe(text);
    expect(read(` \r\n\t${text}\t\n\r `)).toBe(text);
    expect(wrap(readPhoneMessage(Buffer.from(text)) ?? new Uint8Array(0))).toBe(
      `{"conn_id":"${CONN_ID}","frame":${text}}`,
    );
  });

  test('is a view of the received bytes, not a copy', () => {
    const message = Buffer.from('  {"a":1} ');
    const frame = readPhoneMessage(message);
    expect(frame?.buffer).toBe(message.buffer);
    expect(frame?.byteOffset).toBe(message.byteOffset + 2);
  });
});

describe('a message that is anything else', () => {
  test.each([
    ['empty', ''],
    ['whitespace only', ' \t\r\n'],
    ['two values', '1 2'],
    ['two objects', '{}{}'],
    ['two lines', '{"a":1}\n{"b":2}'],
    ['plain text', 'hello'],
    ['a value after a byte order mark', '\uFEFF{}'],
    ['a value before a byte order mark', '{}\uFEFF'],
    ['a field behind the frame', '1,"close_code":4401'],
    ['an early end and a second envelope', '1}{'],
    ['an early end and a second envelope with fields', '1}{"conn_id":"x","frame":1'],
    ['one brace too many', '{"a":1}}'],
    ['another conn id behind a null', 'null,"conn_id":"x"'],
    ['a second frame', '{},"frame":{}'],
    ['a key only', '"a":1'],
    ['a comma first', ',1'],
    ['nothing but the end', '}'],
    ['a comment', '1/**/'],
    ['a zero byte behind', '1\0'],
  ])('is refused: %s', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  test('is refused if it sets a field of the envelope', () => {
    const key = fc.oneof(fc.constantFrom('conn_id', 'frame', 'close_code', 'push_wake'), fc.string());
    fc.assert(
      fc.property(json, space, key, space, json, (frame, before, name, between, value) => {
        expect(read(`${frame}${before},${JSON.stringify(name)}${between}:${value}`)).toBeUndefined();
      }),
    );
  });

  test('is refused if it ends the envelope early', () => {
    fc.assert(
      fc.property(
        json,
        space,
        fc.constantFrom('}', ']', '}}', '}{', '}\n'),
        fc.string(),
        (frame, gap, end, rest) => {
          expect(read(`${frame}${gap}${end}${rest}`)).toBeUndefined();
        },
      ),
    );
  });

  test('is accepted with 10,000 levels of nesting and refused with more', () => {
    const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(read(nested(10_000))).toBe(nested(10_000));
    expect(read(nested(10_001))).toBeUndefined();
    expect(read(nested(1_000_000))).toBeUndefined();
  });
});

describe('arbitrary bytes', () => {
  const pieces = '[ ] { } , : " \\ u 0 19 e E + - . true fals n null "a" "a":1 \n \0 \uFEFF \u00a0 \u2028 é';
  const near = fc.string({ unit: fc.constantFrom(...pieces.split(' '), ' '), maxLength: 10 });
  const edited = fc.tuple(json, fc.nat(200), fc.nat(2), near).map(([text, at, removed, inserted]) => {
    const from = at % (text.length + 1);
    return `${text.slice(0, from)}${inserted}${text.slice(from + removed)}`;
  });
  const bytes = fc.oneof(
    near.map((text) => Buffer.from(text)),
    edited.map((text) => Buffer.from(text)),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 12 }),
  );

  test('that are UTF-8 are accepted exactly when JSON.parse accepts their text', () => {
    fc.assert(
      fc.property(bytes, (message) => {
        fc.pre(isUtf8(message));
        expect(readPhoneMessage(message) !== undefined).toBe(parses(decoder.decode(message)));
      }),
      { numRuns: 5_000 },
    );
  });

  test('that are accepted reach the binary as the frame and as nothing else', () => {
    fc.assert(
      fc.property(bytes, (message) => {
        const frame = isUtf8(message) ? readPhoneMessage(message) : undefined;
        fc.pre(frame !== undefined);
        const envelope = JSON.parse(wrap(frame ?? new Uint8Array(0))) as object; // The envelope is one object.
        expect(Object.keys(envelope)).toEqual(['conn_id', 'frame']);
        const inner: unknown = JSON.parse(decoder.decode(message));
        expect(JSON.stringify(envelope)).toBe(JSON.stringify({ conn_id: CONN_ID, frame: inner }));
      }),
      { numRuns: 300 },
    );
  });
});
