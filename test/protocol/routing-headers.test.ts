import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectHeaders } from '../../src/protocol/header-values.ts';
import {
  explainHeaderFault,
  type Role,
  type RoutingHeaders,
  readRoutingHeaders,
} from '../../src/protocol/routing-headers.ts';

const ROLES: readonly Role[] = ['binary', 'phone'];

/** A header value as Node represents it: one character per byte on the wire. */
const onWire = (text: string): string => Buffer.from(text).toString('latin1');

type Changes = Readonly<Record<string, string | undefined>>;

const COMPLETE: Readonly<Record<Role, Readonly<Record<string, string>>>> = {
  binary: { 'X-Pyrycode-Server': 'home', 'X-Pyrycode-Version': 'v1.2.3', 'User-Agent': 'pyry/v1.2.3' },
  phone: { 'X-Pyrycode-Server': 'home', 'X-Pyrycode-Token': 'secret', 'User-Agent': 'pyrycode-mobile/1' },
};

/** The raw headers of a complete request. A change to undefined removes a header; `added` is appended. */
const request = (role: Role, changes: Changes = {}, added: readonly string[] = []): string[] => {
  const headers = Object.entries({ Host: 'relay', ...COMPLETE[role], ...changes });
  return [...headers.flatMap(([name, value]) => (value === undefined ? [] : [name, value])), ...added];
};

const answer = (role: Role, changes?: Changes, added?: readonly string[]) =>
  readRoutingHeaders(role, collectHeaders(request(role, changes, added)));

/** Undefined if it is refused. */
const read = (...asked: Parameters<typeof answer>): RoutingHeaders | undefined => {
  const headers = answer(...asked);
  return 'problem' in headers ? undefined : headers;
};

/** What a refusal says; undefined if it is accepted. */
const fault = (...asked: Parameters<typeof answer>): string | undefined => {
  const headers = answer(...asked);
  return 'problem' in headers ? explainHeaderFault(headers) : undefined;
};

const required = ROLES.flatMap((role) => Object.keys(COMPLETE[role]).map((name) => [role, name] as const));

describe('the header gate', () => {
  test('accepts a complete binary request', () => {
    expect(read('binary')).toEqual({ serverId: 'home', binaryVersion: 'v1.2.3', deviceName: '' });
  });

  test('accepts a complete phone request', () => {
    expect(read('phone')).toEqual({ serverId: 'home', binaryVersion: '', deviceName: '' });
  });

  test.each(required)('refuses a %s whose %s is absent, empty or blank', (role, name) => {
    for (const value of [undefined, '', ' ', ' \t ']) expect(read(role, { [name]: value })).toBeUndefined();
  });

  test('refuses a request without any header', () => {
    for (const role of ROLES) {
      expect(readRoutingHeaders(role, collectHeaders([]))).toEqual({
        header: 'X-Pyrycode-Server',
        problem: 'missing',
      });
    }
  });

  test('requires from each role only the headers of that role', () => {
    expect(read('binary', { 'X-Pyrycode-Token': '' })).toBeDefined();
    expect(read('phone', { 'X-Pyrycode-Version': '' })).toBeDefined();
    expect(read('phone', { 'X-Pyrycode-Version': 'v'.repeat(65) })).toBeDefined();
  });

  test.each(['X-Pyrycode-Server', 'X-Pyrycode-Version', 'X-Pyrycode-Token'])(
    'refuses a repeated %s',
    (name) => {
      for (const role of ROLES) {
        expect(read(role, { [name]: 'a' }, [name.toLowerCase(), 'b'])).toBeUndefined();
        expect(read(role, { [name]: 'a' }, [name, 'a'])).toBeUndefined();
        expect(read(role, { [name]: 'a' }, [name, ''])).toBeUndefined();
      }
    },
  );

  test('uses the first value of a repeated header that does not route', () => {
    expect(read('binary', {}, ['User-Agent', ''])).toBeDefined();
    expect(read('binary', { 'User-Agent': '' }, ['User-Agent', 'pyry'])).toBeUndefined();
    const added = ['X-Pyrycode-Device-Name', 'first', 'x-pyrycode-device-name', 'second'];
    expect(read('phone', {}, added)?.deviceName).toBe('first');
  });

  test('matches header names in any case', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ROLES), fc.array(fc.boolean(), { minLength: 9 }), (role, upper) => {
        const mixed = request(role).map((text, i) => {
          const recased = Array.from(text, (char, j) =>
            upper[(i + j) % upper.length] === true ? char.toUpperCase() : char.toLowerCase(),
          );
          return i % 2 === 0 ? recased.join('') : text;
        });
        expect(readRoutingHeaders(role, collectHeaders(mixed))).toEqual(read(role));
      }),
    );
  });

  test('accepts any token', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,50}$/), (token) => {
        expect(read('phone', { 'X-Pyrycode-Token': token })).toEqual(read('phone'));
      }),
    );
    expect(read('phone', { 'X-Pyrycode-Token': '\u00ff'.repeat(5_000) })).toEqual(read('phone'));
  });
});

describe('a refusal says what is wrong', () => {
  test.each(required)('with the %s header %s', (role, name) => {
    expect(fault(role, { [name]: undefined })).toBe(`${name} is missing`);
    for (const value of ['', ' ', '\t']) expect(fault(role, { [name]: value })).toBe(`${name} is empty`);
    if (name !== 'User-Agent') expect(fault(role, {}, [name, 'x'])).toBe(`${name} is repeated`);
    expect(fault(role)).toBeUndefined();
  });

  test('with values that are too long or not UTF-8', () => {
    expect(fault('phone', { 'X-Pyrycode-Server': 'x'.repeat(129) })).toBe(
      'X-Pyrycode-Server is too long: at most 128 bytes are accepted',
    );
    expect(fault('binary', { 'X-Pyrycode-Version': 'x'.repeat(65) })).toBe(
      'X-Pyrycode-Version is too long: at most 64 bytes are accepted',
    );
    expect(fault('binary', { 'X-Pyrycode-Server': '\u00ff' })).toBe('X-Pyrycode-Server is not UTF-8');
  });
});

describe('a server-id', () => {
  test('loses surrounding blanks and keeps inner ones', () => {
    expect(read('binary', { 'X-Pyrycode-Server': '\t my home ' })?.serverId).toBe('my home');
  });

  test('passes with 128 bytes and is refused with 129', () => {
    for (const role of ROLES) {
      expect(read(role, { 'X-Pyrycode-Server': 'x'.repeat(128) })?.serverId).toBe('x'.repeat(128));
      expect(read(role, { 'X-Pyrycode-Server': 'x'.repeat(129) })).toBeUndefined();
    }
  });

  test('is measured in bytes, not in characters', () => {
    expect(read('phone', { 'X-Pyrycode-Server': onWire('é'.repeat(64)) })?.serverId).toBe('é'.repeat(64));
    expect(read('phone', { 'X-Pyrycode-Server': onWire('é'.repeat(65)) })).toBeUndefined();
  });

  test.each(['\u00ff', 'home\u00c3', '\u00e2\u0082', '\u00c0\u00af', '\u00ed\u00a0\u0080', '\u0080home'])(
    'is refused if it is not UTF-8: %j',
    (value) => {
      for (const role of ROLES) expect(read(role, { 'X-Pyrycode-Server': value })).toBeUndefined();
    },
  );

  test('with a byte order mark differs from the one without', () => {
    expect(read('phone', { 'X-Pyrycode-Server': onWire('\uFEFFhome') })?.serverId).toBe('\uFEFFhome');
  });

  test('keeps a last byte that Latin-1 treats as a blank', () => {
    expect(read('phone', { 'X-Pyrycode-Server': onWire('voilà') })?.serverId).toBe('voilà');
  });

  test('is refused if it starts or ends with a stray Latin-1 blank, which is not UTF-8', () => {
    expect(read('phone', { 'X-Pyrycode-Server': '\u00a0home' })).toBeUndefined();
    expect(read('phone', { 'X-Pyrycode-Server': 'home\u00a0' })).toBeUndefined();
  });

  test('is returned as it was sent, in any script', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(text, fc.constantFrom(...ROLES), (serverId, role) => {
        fc.pre(Buffer.byteLength(serverId) <= 128 && !/^[\t ]|[\t ]$/.test(serverId));
        expect(read(role, { 'X-Pyrycode-Server': onWire(serverId) })?.serverId).toBe(serverId);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a version', () => {
  test('passes with 64 bytes and is refused with 65', () => {
    expect(read('binary', { 'X-Pyrycode-Version': 'v'.repeat(64) })?.binaryVersion).toBe('v'.repeat(64));
    expect(read('binary', { 'X-Pyrycode-Version': 'v'.repeat(65) })).toBeUndefined();
  });
});

describe('a device name', () => {
  const deviceName = (value: string): string | undefined =>
    read('phone', { 'X-Pyrycode-Device-Name': value })?.deviceName;

  test('is optional, and is never read from a binary', () => {
    expect(read('phone')?.deviceName).toBe('');
    expect(deviceName('')).toBe('');
    expect(read('binary', { 'X-Pyrycode-Device-Name': 'mine' })?.deviceName).toBe('');
  });

  test('is kept at 256 bytes and truncated at 300', () => {
    expect(deviceName('n'.repeat(256))).toBe('n'.repeat(256));
    expect(deviceName('n'.repeat(300))).toBe('n'.repeat(256));
  });

  test('is truncated at a character boundary, by no more than necessary', () => {
    const unit = fc.constantFrom('a', 'é', '€', '\u{1F4F1}');
    fc.assert(
      fc.property(fc.string({ unit, minLength: 60, maxLength: 300 }), (name) => {
        const cut = deviceName(onWire(name)) ?? 'refused';
        expect(name.startsWith(cut)).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(256);
        const next = Array.from(name.slice(cut.length))[0];
        if (next !== undefined) expect(Buffer.byteLength(cut + next)).toBeGreaterThan(256);
      }),
    );
    expect(deviceName(onWire(`${'n'.repeat(255)}€`))).toBe('n'.repeat(255));
  });

  test('gets replacement characters if it is not UTF-8, and is not refused', () => {
    expect(deviceName('a\u00ffb')).toBe('a\uFFFDb');
  });

  test('keeps a last byte that Latin-1 treats as a blank', () => {
    expect(deviceName(onWire('voilà'))).toBe('voilà');
  });
});
