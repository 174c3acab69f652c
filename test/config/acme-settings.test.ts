/** Settings of ACME: what they take, and what goes together. */
import { expect, test } from 'vitest';
import { challengeAddress } from '../../src/config/acme-rules.ts';
import { acmeSettings } from '../../src/config/acme-settings.ts';

type Name = keyof typeof acmeSettings;

const read = (name: Name, text: string): unknown => {
  const { read: parse, check } = acmeSettings[name];
  return check(parse(text));
};

test.each<[Name, string, unknown]>([
  ['domains', 'Relay.example.com, b.example', ['relay.example.com', 'b.example']],
  ['httpListen', ':8080', { host: '', port: 8080 }],
  ['certCache', './certs', './certs'],
  ['acmeDirectory', 'https://127.0.0.1:14000/dir', 'https://127.0.0.1:14000/dir'],
  ['acmeEmail', 'it+relay@example.com', 'it+relay@example.com'],
])('%s takes %s', (name, text, expected) => {
  expect(read(name, text)).toStrictEqual(expected);
});

test.each<[Name, readonly string[]]>([
  ['domains', ['', ',', 'a.example,', 'a.example;b.example', '*.example.com', '192.0.2.1']],
  ['httpListen', ['80', 'a b:80', ':65536']],
  ['certCache', ['', 'a\0b']],
  [
    'acmeDirectory',
    ['', 'http://example.com/dir', 'https://a:b@example.com', 'https://example.com/#x', 'dir'],
  ],
  ['acmeEmail', ['', 'a', 'a@', '@example.com', 'a@b@example.com', 'a@example.com?cc=b', 'a b@example.com']],
])('%s takes none of %j', (name, texts) => {
  expect(texts.filter((text) => read(name, text) !== undefined)).toStrictEqual([]);
});

const CONFIG = { domains: ['relay.example.com'], httpListen: null, tlsCert: null };
const ADDRESS = { host: '', port: 8080 };

test('challenges are answered on port 80, or where --http-listen says', () => {
  expect(challengeAddress(CONFIG)).toStrictEqual({ host: '', port: 80 });
  expect(challengeAddress({ ...CONFIG, httpListen: ADDRESS })).toStrictEqual(ADDRESS);
});

test('without a name, or with a certificate of one’s own, nothing is ordered', () => {
  expect(challengeAddress({ ...CONFIG, domains: null })).toBeNull();
  expect(challengeAddress({ ...CONFIG, tlsCert: 'cert.pem' })).toBeNull();
});
