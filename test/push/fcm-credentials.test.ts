/** Which keys of service accounts are taken, and that what is wrong with one is said without a word of it. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isProjectId, parseFcmCredentials } from '../../src/push/fcm-credentials.ts';

const rsa = (bits: number): KeyObject => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey;
const KEY = rsa(2_048);
const PEM = String(KEY.export({ type: 'pkcs8', format: 'pem' }));
const EC_PEM = String(
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
);

const FILE = {
  type: 'service_account',
  client_email: 'relay@demo.iam.gserviceaccount.com',
  private_key: PEM,
};

const parse = (changes: Readonly<Record<string, unknown>> = {}) =>
  parseFcmCredentials(JSON.stringify({ ...FILE, ...changes }));

const accepted = (changes: Readonly<Record<string, unknown>> = {}) => {
  const read = parse(changes);
  if ('err' in read) throw new Error(read.err);
  return read.credentials;
};

test('what is absent, null or empty is left to its default', () => {
  const expected = { privateKeyId: null, projectId: null };
  for (const nothing of [undefined, null, '']) {
    const found = accepted({ private_key_id: nothing, token_uri: nothing, project_id: nothing });
    expect(found).toMatchObject(expected);
    expect(found.tokenUri.href).toBe('https://oauth2.googleapis.com/token');
  }
});

test('members that Google adds are ignored', () => {
  const more = {
    private_key_id: 'k1',
    project_id: 'demo',
    client_id: '1',
    universe_domain: 'googleapis.com',
  };
  expect(accepted(more)).toMatchObject({
    clientEmail: FILE.client_email,
    privateKeyId: 'k1',
    projectId: 'demo',
  });
});

test.each([
  ['PKCS#8', PEM],
  ['PKCS#1', String(KEY.export({ type: 'pkcs1', format: 'pem' }))],
  ['with line ends of Windows', PEM.replaceAll('\n', '\r\n')],
  ['without a line end at its end', PEM.trimEnd()],
])('a key in %s is taken', (_, pem) => {
  expect(accepted({ private_key: pem }).privateKey.equals(KEY)).toBe(true);
});

const encrypted = String(
  KEY.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret-passphrase' }),
);
const NO_KEY = '"private_key" is not an RSA key in PEM without a password';

test.each([
  ['an EC key', EC_PEM, NO_KEY],
  ['an encrypted key', encrypted, NO_KEY],
  ['a cut one', PEM.slice(0, 800), NO_KEY],
  ['line ends that are written out', PEM.replaceAll('\n', String.raw`\n`), NO_KEY],
  ['a certificate', PEM.replaceAll('PRIVATE KEY', 'CERTIFICATE'), NO_KEY],
  [
    'a short one',
    String(rsa(1_024).export({ type: 'pkcs8', format: 'pem' })),
    '"private_key" has fewer than 2048 bits',
  ],
  ['a number', 5, '"private_key" is missing'],
])('%s is refused', (_, key, err) => {
  expect(parse({ private_key: key })).toStrictEqual({ err });
});

test('a key whose parts do not belong together is refused: Google would refuse what it signs', () => {
  const [one, other] = [KEY.export({ format: 'jwk' }), rsa(2_048).export({ format: 'jwk' })];
  const mixed = createPrivateKey({ key: { ...one, n: other.n ?? '' }, format: 'jwk' });
  expect(parse({ private_key: mixed.export({ type: 'pkcs8', format: 'pem' }) })).toStrictEqual({
    err: '"private_key" does not sign: its parts do not belong together',
  });
});

const NO_TOKEN_URI = '"token_uri" is not an https:// URL, or an http:// one of this machine';

test.each([
  [{ type: 'authorized_user' }, '"type" is not "service_account": take the key of a service account'],
  [{ type: undefined }, '"type" is not "service_account": take the key of a service account'],
  [{ client_email: '' }, '"client_email" is missing'],
  [{ client_email: ['a'] }, '"client_email" is missing'],
  [{ private_key_id: 5 }, '"private_key_id" is not a string'],
  [{ token_uri: 5 }, NO_TOKEN_URI],
  [{ token_uri: 'oauth2.googleapis.com/token' }, NO_TOKEN_URI],
  [{ token_uri: 'http://oauth2.googleapis.com/token' }, NO_TOKEN_URI],
  [{ token_uri: 'http://127.0.0.1.example.org/token' }, NO_TOKEN_URI],
  [{ token_uri: 'http://localhost.example.org/token' }, NO_TOKEN_URI],
  [{ token_uri: 'https://user:secret@example.org/token' }, NO_TOKEN_URI],
  [{ token_uri: 'https://example.org/token#part' }, NO_TOKEN_URI],
  [{ token_uri: 'file:///etc/passwd' }, NO_TOKEN_URI],
  [{ project_id: '../other' }, '"project_id" is not the id of a project'],
  [{ project_id: '..' }, '"project_id" is not the id of a project'],
  [{ project_id: 5 }, '"project_id" is not the id of a project'],
])('%j is refused', (changes, err) => {
  expect(parse(changes)).toStrictEqual({ err });
});

test.each([
  'http://127.0.0.1:8085/token',
  'http://[::1]:8085/token',
  'http://localhost/token',
  'https://example.org/',
])('the token_uri %s is honoured', (uri) => {
  expect(accepted({ token_uri: uri }).tokenUri.href).toBe(uri);
});

test.each(['', '{', '[]', 'null', '"text"', `${JSON.stringify(FILE)}}`, PEM])(
  'what is no JSON object is refused',
  (text) => {
    expect(parseFcmCredentials(text)).toStrictEqual({ err: 'not a JSON object' });
  },
);

test('whatever it is given, it neither throws nor quotes it', () => {
  const anything = fc.oneof(
    fc.anything({ maxDepth: 1, maxKeys: 3 }),
    fc.string(),
    fc.webUrl(),
    fc.constant(PEM),
  );
  const members = fc.record(
    {
      type: fc.oneof(fc.constant('service_account'), anything),
      client_email: fc.oneof(fc.constant('a@b'), anything),
      private_key: fc.oneof(fc.constant(PEM), anything),
      private_key_id: anything,
      token_uri: anything,
      project_id: anything,
    },
    { requiredKeys: [] },
  );
  const errors = new Set<string>();
  fc.assert(
    fc.property(members, (found) => {
      const read = parseFcmCredentials(
        JSON.stringify(found, (_, value) => (typeof value === 'bigint' ? 1 : value)),
      );
      if ('err' in read) errors.add(read.err);
    }),
    // Each with the right key parses it, and signs.
    { numRuns: 50 },
  );
  // One of a few fixed texts, so none of what was given.
  expect(errors.size).toBeLessThanOrEqual(9);
});

test('what was read shows no key when it is printed', () => {
  const found = accepted();
  const shown = [
    inspect(found, { depth: 9, showHidden: true }),
    JSON.stringify(found),
    inspect(found.privateKey),
  ];
  const body = PEM.split('\n')[3] ?? PEM;
  for (const text of shown) expect(text).not.toContain(body);
});

test.each([
  ['pyrycode-mobile', true],
  ['example.com:old-project', true],
  ['', false],
  ['.', false],
  ['..', false],
  ['a/b', false],
  ['a?b', false],
  ['a%2fb', false],
  ['Upper', false],
  ['a'.repeat(101), false],
])('%s as the id of a project: %s', (id, expected) => {
  expect(isProjectId(id)).toBe(expected);
});
