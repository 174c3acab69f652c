import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { collectHeaders } from '../../src/protocol/header-values.ts';
import { checkHandshake, type HandshakeHead } from '../../src/transport/upgrade-check.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='; // The one in RFC 6455.

interface Changes {
  readonly method?: string;
  readonly httpVersion?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Appended after all others. */
  readonly added?: readonly string[];
}

/** A valid handshake with these changes; undefined removes a header. */
const head = ({ method = 'GET', httpVersion = '1.1', headers, added = [] }: Changes = {}): HandshakeHead => {
  const all = {
    Host: 'relay',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': KEY,
    ...headers,
  };
  const rawHeaders = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [name, value],
  );
  return { method, httpVersion, headers: collectHeaders([...rawHeaders, ...added]) };
};

const status = (changes: Changes): number | undefined => checkHandshake(head(changes))?.status;

const NO_CONNECTION: Changes = { headers: { Connection: undefined } };

describe('a good handshake', () => {
  test('is not refused', () => {
    expect(checkHandshake(head())).toBeUndefined();
  });

  test.each<[string, Changes]>([
    ['names in lower case', { headers: { Upgrade: undefined }, added: ['upgrade', 'websocket'] }],
    ['tokens in any case', { headers: { Connection: 'uPGRADE', Upgrade: 'WebSocket' } }],
    ['a list of connection options', { headers: { Connection: 'keep-alive, Upgrade' } }],
    [
      'connection options in two headers',
      { headers: { Connection: 'keep-alive' }, added: ['Connection', 'upgrade'] },
    ],
    ['a list of protocols', { headers: { Upgrade: 'h2c, websocket' } }],
    ['blanks around connection options', { headers: { Connection: ' a\t,\t upgrade \t, b' } }],
    ['blanks around the key', { headers: { 'Sec-WebSocket-Key': ` ${KEY} ` } }],
    ['an origin', { headers: { Origin: 'https://app.example' } }],
    ['an empty origin', { headers: { Origin: '' } }],
    ['an origin that is no URL', { headers: { Origin: 'http://a b' } }],
    ['two origins', { added: ['Origin', '%zz', 'Origin', 'http://[::1'] }],
    [
      'an offer of subprotocols and extensions',
      {
        headers: { 'Sec-WebSocket-Protocol': 'a, b', 'Sec-WebSocket-Extensions': 'permessage-deflate' },
      },
    ],
  ])('may have %s', (_, changes) => {
    expect(status(changes)).toBeUndefined();
  });

  test('may have any 16 bytes as its key', () => {
    for (let i = 0; i < 200; i++) {
      const key = randomBytes(16).toString('base64');
      expect(status({ headers: { 'Sec-WebSocket-Key': key } }), key).toBeUndefined();
    }
  });
});

describe('a handshake is refused', () => {
  test.each<[number, string, Changes]>([
    [426, 'without Connection', NO_CONNECTION],
    [426, 'with an empty Connection', { headers: { Connection: '' } }],
    [426, 'with another connection option', { headers: { Connection: 'keep-alive, upgrades' } }],
    [426, 'without Upgrade', { headers: { Upgrade: undefined } }],
    [426, 'with an upgrade to something else', { headers: { Upgrade: 'h2c' } }],
    [426, 'with a protocol that only begins like ours', { headers: { Upgrade: 'websocket2' } }],
    [426, 'over HTTP/1.0', { httpVersion: '1.0' }],
    [426, 'over HTTP/2', { httpVersion: '2.0' }],
    ...['POST', 'HEAD', 'PUT', 'OPTIONS', 'get', ''].map((method): [number, string, Changes] => [
      405,
      `with method ${JSON.stringify(method)}`,
      { method },
    ]),
    ...[undefined, '', '8', '12', '14', '13.0', '013', '13, 8', '0x0d'].map(
      (version): [number, string, Changes] => [
        400,
        `with version ${JSON.stringify(version)}`,
        { headers: { 'Sec-WebSocket-Version': version } },
      ],
    ),
    ...[
      undefined,
      '',
      'x',
      KEY.slice(1),
      `${KEY}=`,
      KEY.replace('==', ''),
      KEY.replace('d', '-'),
      `A${KEY}`,
    ].map((key): [number, string, Changes] => [
      400,
      `with key ${JSON.stringify(key)}`,
      { headers: { 'Sec-WebSocket-Key': key } },
    ]),
    [
      400,
      'with a key of 15 bytes',
      { headers: { 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') } },
    ],
    [
      400,
      'with a key of 17 bytes',
      { headers: { 'Sec-WebSocket-Key': Buffer.alloc(17).toString('base64') } },
    ],
    // A byte that JavaScript calls blank and HTTP does not (RFC 9110 section 5.6.3).
    [426, 'with a stray byte behind a connection option', { headers: { Connection: 'upgrade\u00a0, x' } }],
    [426, 'with a stray byte before the protocol', { headers: { Upgrade: '\u00a0websocket' } }],
    [400, 'with a stray byte behind the version', { headers: { 'Sec-WebSocket-Version': '13\u00a0' } }],
    [400, 'with a stray byte behind the key', { headers: { 'Sec-WebSocket-Key': `${KEY}\u00a0` } }],
    [400, 'with the key twice', { added: ['sec-websocket-key', KEY] }],
    [400, 'with a second, empty key', { added: ['Sec-WebSocket-Key', ''] }],
  ])('with %i %s', (wanted, _, changes) => {
    expect(status(changes)).toBe(wanted);
  });

  test('with headers that name what is accepted', () => {
    const headersOf = (changes: Changes) => checkHandshake(head(changes))?.headers;
    expect(headersOf(NO_CONNECTION)).toEqual({ Connection: 'Upgrade', Upgrade: 'websocket' });
    expect(headersOf({ httpVersion: '1.0' })).toEqual({ Connection: 'Upgrade', Upgrade: 'websocket' });
    expect(headersOf({ method: 'POST' })).toEqual({ Allow: 'GET' });
    expect(headersOf({ headers: { 'Sec-WebSocket-Version': '8' } })).toEqual({
      'Sec-WebSocket-Version': '13',
    });
  });

  test('with a text that quotes nothing from the request', () => {
    const marked = 'leak-me';
    for (const name of ['Connection', 'Upgrade', 'Sec-WebSocket-Version', 'Sec-WebSocket-Key']) {
      const refusal = checkHandshake(head({ headers: { [name]: marked } }));
      expect(refusal?.text.length).toBeGreaterThan(0);
      expect(JSON.stringify(refusal)).not.toContain(marked);
    }
  });
});

test('of several faults the first in order decides: upgrade, method, version, key', () => {
  const faults: readonly (readonly [number, Changes])[] = [
    [426, { headers: { Upgrade: 'h2c' } }],
    [405, { method: 'POST' }],
    [400, { headers: { 'Sec-WebSocket-Version': '8' } }],
    [400, { headers: { 'Sec-WebSocket-Key': 'x' } }],
  ];
  for (const first of faults.keys()) {
    const changes = faults.slice(first).map(([, change]) => change);
    const all: Changes = {
      method: changes.find(({ method }) => method !== undefined)?.method ?? 'GET',
      headers: Object.fromEntries(changes.flatMap(({ headers = {} }) => Object.entries(headers))),
    };
    const refusal = checkHandshake(head(all));
    expect(refusal?.status).toBe(faults[first]?.[0]);
    expect(refusal?.headers?.['Sec-WebSocket-Version']).toBe(first === 2 ? '13' : undefined);
  }
});
