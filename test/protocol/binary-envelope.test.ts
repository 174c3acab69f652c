/** Reads envelopes and compares the result with an oracle built on JSON.parse and on how the text was generated. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBinaryEnvelope } from '../../src/protocol/binary-envelope.ts';

type Outcome =
  | 'malformed envelope'
  | 'too many members'
  | 'missing conn_id'
  | 'missing frame'
  | 'pushWake'
  | { readonly connId: string; readonly frame: string | undefined; readonly closeCode: number };

/** The frame is its source text; the close code is 0 if there is no directive. */
const read = (text: string): Outcome => {
  const envelope = readBinaryEnvelope(Buffer.from(text));
  if (envelope.kind === 'fault') return envelope.fault;
  if (envelope.kind === 'pushWake') return 'pushWake';
  const { connId, frame } = envelope;
  const source = frame === undefined ? undefined : Buffer.from(frame).toString();
  return { connId, frame: source, closeCode: envelope.kind === 'directive' ? envelope.closeCode : 0 };
};

const CLOSE_CODE = /^(?:0|[1-9]\d*)$/;

/** @param sourceOf returns the source text of the value that JSON.parse kept for a key */
const expected = (text: string, sourceOf: (key: string) => string): Outcome => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'malformed envelope';
  }
  if (value === null) return 'missing conn_id';
  if (typeof value !== 'object' || Array.isArray(value)) return 'malformed envelope';
  const fields: ReadonlyMap<string, unknown> = new Map(Object.entries(value));
  const connId = fields.get('conn_id') ?? '';
  if (typeof connId !== 'string') return 'malformed envelope';
  const closeCode = fields.get('close_code') ?? 0;
  if (typeof closeCode !== 'number') return 'malformed envelope';
  if (fields.has('close_code') && fields.get('close_code') !== null) {
    if (!CLOSE_CODE.test(sourceOf('close_code')) || closeCode > 65_535) return 'malformed envelope';
  }
  if (connId === '') return (fields.get('push_wake') ?? null) === null ? 'missing conn_id' : 'pushWake';
  const frame = (fields.get('frame') ?? null) === null ? undefined : sourceOf('frame');
  return frame === undefined && closeCode === 0 ? 'missing frame' : { connId, frame, closeCode };
};

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 2 });

/** A JSON string that decodes to `text`, with some characters escaped. */
const spell = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom('raw', 'raw', 'lower', 'upper'), {
      minLength: text.length,
      maxLength: text.length,
    })
    .map((styles) => {
      const spelled = text.split('').map((char, i) => {
        const hex = char.charCodeAt(0).toString(16).padStart(4, '0');
        if (styles[i] === 'lower') return `\\u${hex}`;
        if (styles[i] === 'upper') return `\\u${hex.toUpperCase()}`;
        return JSON.stringify(char).slice(1, -1);
      });
      return `"${spelled.join('')}"`;
    });

const lookAlike = '{"conn_id":"evil","frame":1,"close_code":4401,"push_wake":1}';
const json = fc.oneof(
  fc.json({ maxDepth: 2 }),
  fc.constantFrom('null', '[ 1 , 2 ]', '{ "a" : 1 }', '-0', '12345678901234567890', '"\u2028<&>"', lookAlike),
  fc.constantFrom(
    ...String.raw`"}" "\"}" "frame" "{\"conn_id\":\"evil\"}" "\\"`.split(' '),
    `[${lookAlike}]`,
  ),
);
const connId = fc.oneof(
  fc.constantFrom('c-0123456789abcdef', 'é', '\u{1F600}', 'a"b\\c', '\uFEFFx').chain(spell),
  fc.constantFrom('""', 'null', '5', 'true', '{}', '[]', '["x"]', '"\\ud800"'),
);
const closeCode = fc.oneof(
  fc.integer({ min: 0, max: 70_000 }).map(String),
  fc.constantFrom(...'null 0 65535 65536 -1 -0 4401.0 1e3 1E3 "4401" true [] {}'.split(' ')),
);
const member: fc.Arbitrary<[key: string, source: string]> = fc.oneof(
  fc.tuple(fc.constant('conn_id'), connId),
  fc.tuple(fc.constant('conn_id'), connId),
  fc.tuple(fc.constant('frame'), json),
  fc.tuple(fc.constant('frame'), json),
  fc.tuple(fc.constant('close_code'), closeCode),
  fc.tuple(fc.constant('push_wake'), json),
  fc.tuple(fc.constantFrom('Conn_ID', 'FRAME', '\uFEFFframe', 'conn_id\0', '', 'x', '__proto__'), json),
);
const gaps = fc.tuple(space, space, space, space);
const spelledMember = member.chain(([key, source]) =>
  fc.tuple(spell(key), gaps).map(([keyText, [a, b, c, d]]) => {
    return { key, source, text: `${a}${keyText}${b}:${c}${source}${d}` };
  }),
);
const envelope = fc
  .tuple(space, fc.array(spelledMember, { maxLength: 6 }), space)
  .map(([before, members, after]) => {
    // The last duplicate of a key wins.
    const sources = new Map(members.map(({ key, source }) => [key, source]));
    return {
      text: `${before}{${members.map(({ text }) => text).join(',')}}${after}`,
      sourceOf: (key: string) => sources.get(key) ?? '',
    };
  });

describe('an envelope', () => {
  test('is read as JSON.parse reads it, in any key order, escaping and spacing; the last duplicate wins', () => {
    fc.assert(
      fc.property(envelope, ({ text, sourceOf }) => {
        expect(read(text)).toEqual(expected(text, sourceOf));
      }),
      { numRuns: 3_000 },
    );
  });

  test('may have 16 members; one more and nothing behind it is read', () => {
    const members = (count: number): string => '"x":1,'.repeat(count - 2);
    const named = '"conn_id":"c","frame":1';
    expect(read(`{${members(16)}${named}}`)).toEqual({ connId: 'c', frame: '1', closeCode: 0 });
    expect(read(`{${members(17)}${named}}`)).toBe('too many members');
    expect(read(`{${'"x":1,'.repeat(16)}this is not even JSON`)).toBe('too many members');
  });

  test('has a key in whatever spelling, the longest included, and ignores longer ones', () => {
    const spelled = (text: string): string =>
      text.replace(/./g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
    expect(read(`{"${spelled('conn_id')}":"c","${spelled('close_code')}":4401}`)).toEqual({
      connId: 'c',
      frame: undefined,
      closeCode: 4401,
    });
    expect(read(`{"conn_id":"c","${spelled('close_codes')}":4401}`)).toBe('missing frame');
  });

  test('has a conn id in whatever spelling, the longest included, and does not decode longer ones', () => {
    const spelled = (text: string): string =>
      text.replace(/./g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
    const connId = 'c-0123456789abcdef';
    expect(read(`{"conn_id":"${spelled(connId)}","frame":1}`)).toMatchObject({ connId });
    const longer = `{"conn_id":"${spelled(`${connId}0`)}","frame":1}`;
    expect(read(longer)).toMatchObject({ connId: 'not a conn id', frame: '1' });
  });

  test('yields its frame as the exact source bytes', () => {
    fc.assert(
      fc.property(json, space, space, (frame, before, after) => {
        fc.pre(frame !== 'null');
        const text = `{"conn_id":"x","frame":${before}${frame}${after}}`;
        expect(read(text)).toEqual({ connId: 'x', frame, closeCode: 0 });
      }),
    );
  });

  test('yields its frame as a view of the message, not a copy', () => {
    const message = Buffer.from('{"frame":[1, 2],"conn_id":"x"}');
    const outcome = readBinaryEnvelope(message);
    expect(outcome.kind === 'frame' && outcome.frame.buffer === message.buffer).toBe(true);
  });

  test('is malformed if truncated anywhere', () => {
    fc.assert(
      fc.property(envelope, ({ text }) => {
        const whole = text.trimEnd();
        for (let length = 0; length < whole.length; length++) {
          expect(read(whole.slice(0, length))).toBe('malformed envelope');
        }
      }),
      { numRuns: 50 },
    );
  });

  test('is malformed if followed by anything but whitespace', () => {
    fc.assert(
      fc.property(
        envelope,
        fc.oneof(json, fc.constantFrom(',', '}', ']', '\0', '\uFEFF')),
        ({ text }, rest) => {
          expect(read(`${text}${rest}`)).toBe('malformed envelope');
          expect(read(`${text}${text}`)).toBe('malformed envelope');
        },
      ),
      { numRuns: 200 },
    );
  });

  test('is read as JSON.parse reads it after random edits', () => {
    const piece = fc.constantFrom(...'" \\ { } [ ] : , n 0 \n \0 é null ""'.split(' '), ' ');
    const edit = fc.tuple(fc.nat(2_000), fc.nat(2), fc.option(piece, { nil: '' }));
    fc.assert(
      fc.property(envelope, fc.array(edit, { minLength: 1, maxLength: 2 }), ({ text }, edits) => {
        const mutated = edits.reduce((so, [at, removed, inserted]) => {
          const from = at % (so.length + 1);
          return `${so.slice(0, from)}${inserted}${so.slice(from + removed)}`;
        }, text);
        // After an edit the oracle no longer knows the source text of a field, so compare the parsed values.
        fc.pre(!/:\s*(?:-|\d+[.eE])/.test(mutated));
        const outcome = read(mutated);
        const wanted = expected(mutated, () => '0');
        if (typeof outcome === 'string' || typeof wanted === 'string') expect(outcome).toEqual(wanted);
        else {
          const { frame } = JSON.parse(mutated) as { frame?: unknown }; // The oracle has parsed it as an object.
          expect({ ...outcome, frame: 0 }).toEqual({ ...wanted, frame: 0 });
          expect(JSON.stringify(JSON.parse(outcome.frame ?? 'null'))).toBe(JSON.stringify(frame ?? null));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('classification', () => {
  const phone = (frame: string | undefined, code = 0): Outcome => ({ connId: 'x', frame, closeCode: code });
  const codes = '4401.0 1e3 -1 -0 65536 99999999999999999999 "4401" "" true false [] {}'.split(' ');
  const malformed = [
    ['', ' ', 'x', '{', '[]', '"x"', '5', 'true', '[{"conn_id":"x","frame":1}]', 'nullx', 'null null', 'nul'],
    ['{"conn_id":"x","frame":1}x', '{"conn_id":"x","frame":1}{}', '{"conn_id":"x","frame":01}'],
    ['{"conn_id":"x","frame":1,}', "{'conn_id':'x'}", '\uFEFF{"conn_id":"x","frame":1}'],
    ['5', '{}', '[]', 'true', '["x"]'].map((id) => `{"conn_id":${id},"frame":1}`),
    codes.map((code) => `{"conn_id":"x","frame":1,"close_code":${code}}`),
    ['{"push_wake":{},"close_code":"1"}', '{"push_wake":{},"conn_id":1}'],
  ];
  test.each(malformed.flat())('malformed: %s', (text) => {
    expect(read(text)).toBe('malformed envelope');
  });

  test.each(
    [
      ['null', ' null\n', '{}', ' { } ', '{"frame":1}', '{"conn_id":""}', '{"conn_id":null,"frame":1}'],
      ['{"close_code":4401}', '{"frame":null,"close_code":4401}', '{"push_wake":null}'],
      ['{"x":{"conn_id":"evil","frame":1}}', '{"x":[{"conn_id":"evil"}],"frame":{"conn_id":"evil"}}'],
      ['{"CONN_ID":"x","Frame":1}'],
    ].flat(),
  )('missing conn_id: %s', (text) => {
    expect(read(text)).toBe('missing conn_id');
  });

  test.each(
    [
      ['{"push_wake":5}', '{"push_wake":false,"conn_id":""}', '{"push_wake":{},"x":{"conn_id":"evil"}}'],
      ['{"conn_id":null,"frame":1,"close_code":4401,"push_wake":{"a":1}}'],
    ].flat(),
  )('a push wake, regardless of its other keys: %s', (text) => {
    expect(read(text)).toBe('pushWake');
  });

  test.each([
    ['{"push_wake": {"a" : 1} }', '{"a" : 1}'],
    ['{"push_wake":1,"push_wake":"2"}', '"2"'],
    ['{"push_wake":null,"frame":1,"push_wake":[ ]}', '[ ]'],
  ])('a push wake is the exact text of its value: %s', (text, wake) => {
    const envelope = readBinaryEnvelope(Buffer.from(text));
    expect(envelope.kind === 'pushWake' && Buffer.from(envelope.wake).toString()).toBe(wake);
  });

  test.each(
    [
      ['{"conn_id":"x"}', '{"conn_id":"x","frame":null}', '{"conn_id":"x","frame":null,"close_code":0}'],
      [
        '{"conn_id":"x","frame":1,"frame":null}',
        '{"conn_id":"x","push_wake":5}',
        '{"conn_id":"x","Frame":1}',
      ],
    ].flat(),
  )('missing frame: %s', (text) => {
    expect(read(text)).toBe('missing frame');
  });

  test.each([
    ['{"conn_id":"x","frame":1,"push_wake":5}', phone('1')],
    ['{"conn_id":"x","frame":1,"close_code":0}', phone('1')],
    ['{"conn_id":"x","frame":1,"close_code":null}', phone('1')],
    ['{"conn_id":"x","frame":false}', phone('false')],
    ['{"conn_id":"x","frame": {"a" : 1} ,"token":"t"}', phone('{"a" : 1}')],
    ['{"conn_id":"x","fr\\u0061me":"\\u0041"}', phone('"\\u0041"')],
    ['{"conn\\u005Fid":"\\u0078","frame":1}', phone('1')],
    ['{"conn_id":"y","frame":1,"conn_id":"x","frame":2}', phone('2')],
    ['{"conn_id":"x","frame":1,"close_code":4401}', phone('1', 4401)],
    ['{"conn_id":"x","close_code":1}', phone(undefined, 1)],
    ['{"conn_id":"x","frame":null,"close_code":65535}', phone(undefined, 65_535)],
    ['{"conn_id":"x","close_code":4401,"close_code":4408,"push_wake":"bad"}', phone(undefined, 4408)],
  ])('for a phone: %s', (text, outcome) => {
    expect(read(text)).toEqual(outcome);
  });

  test('counts the envelope itself as a level of nesting', () => {
    const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const frameOf = (levels: number): Outcome => read(`{"conn_id":"x","frame":${nested(levels)}}`);
    expect(frameOf(9_999)).toEqual(phone(nested(9_999)));
    expect(frameOf(10_000)).toBe('malformed envelope');
    expect(read(`{"x":${nested(10_000)},"conn_id":"x","frame":1}`)).toBe('malformed envelope');
  });
});
