/** What is kept in the cache, who may read it, and what becomes of files that cannot be used. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeResult } from '../../../src/config/result-file.ts';
import { CacheRefused, checkCacheFolder, openCacheFolder } from '../../../src/transport/acme/cache-folder.ts';
import { CertificateCache } from '../../../src/transport/acme/certificate-cache.ts';

const NAMES = ['relay.example.com'];
const URL = 'https://acme.example.com/directory';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cache-'));
  folder = join(root, 'certs');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

interface Opened {
  readonly cache: CertificateCache;
  readonly setAside: string[];
}

const open = async (names = NAMES, directoryUrl = URL): Promise<Opened> => {
  await openCacheFolder(folder, writeResult);
  const setAside: string[] = [];
  const note = (path: string, err: string): void =>
    void setAside.push(`${path.slice(folder.length + 1)}: ${err}`);
  const cache = new CertificateCache({ folder, directoryUrl, names, write: writeResult, setAside: note });
  return { cache, setAside };
};

const makePem = (name: string): string => {
  const [key, cert] = [join(root, 'key.pem'), join(root, 'cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '9'];
  const subject = ['-subj', '/CN=x', '-addext', `subjectAltName=DNS:${name}`];
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  return readFileSync(key, 'utf8') + readFileSync(cert, 'utf8');
};

describe('the folder', () => {
  test('is created, with its parents, for its owner only', async () => {
    folder = join(root, 'a', 'b', 'certs');
    expect(await openCacheFolder(folder, writeResult)).toBeUndefined();
    expect([modeOf(folder), readdirSync(folder)]).toStrictEqual(['700', []]);
  });

  test('is tightened if it is ours and open to others, and that is told', async () => {
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    expect(await openCacheFolder(folder, writeResult)).toStrictEqual({
      path: folder,
      from: '0755',
      to: '0700',
    });
    expect(modeOf(folder)).toBe('700');
    expect(await openCacheFolder(folder, writeResult)).toBeUndefined();
  });

  test.each([
    ['it is shared, as /tmp is', 0o1777, () => {}],
    ['it has other folders in it, as /etc has', 0o755, () => mkdirSync(join(folder, 'ssl'))],
    ['it has other files in it, as /usr/bin has', 0o755, () => writeFileSync(join(folder, 'sh'), '')],
    [
      'it has links in it, as /etc/ssl/certs has',
      0o755,
      () => symlinkSync('/dev/null', join(folder, 'a-0123456789abcdef.pem')),
    ],
  ] as const)('is left as it is, and refused, if %s', async (_, mode, fill) => {
    mkdirSync(folder);
    fill();
    const before = readdirSync(folder);
    chmodSync(folder, mode);
    const refusal = `open to others (${mode.toString(8).padStart(4, '0')}) and not for certificates only`;
    await expect(openCacheFolder(folder, writeResult)).rejects.toThrow(refusal);
    await expect(checkCacheFolder(folder)).rejects.toThrow(refusal);
    expect(statSync(folder).mode & 0o7777).toBe(mode);
    expect(readdirSync(folder)).toEqual(before);
    chmodSync(folder, 0o700);
    expect(await openCacheFolder(folder, writeResult)).toBeUndefined();
  });

  test('is tightened on a new volume, which has a folder from the start', async () => {
    mkdirSync(join(folder, 'lost+found'), { recursive: true });
    chmodSync(folder, 0o755);
    expect(await openCacheFolder(folder, writeResult)).toMatchObject({ from: '0755', to: '0700' });
  });

  test('is tightened with a cache in it, files that were set aside included', async () => {
    const { cache } = await open();
    await cache.accountKey();
    const [account = ''] = readdirSync(folder);
    writeFileSync(join(folder, `${account}.set-aside`), '');
    chmodSync(folder, 0o755);
    expect(await openCacheFolder(folder, writeResult)).toMatchObject({ from: '0755', to: '0700' });
  });

  test('is refused where no folder can be made, as in /proc', {
    skip: process.platform !== 'linux',
  }, async () => {
    const path = '/proc/no-such/certs';
    await expect(openCacheFolder(path, writeResult)).rejects.toThrow(`${path}: no such file (ENOENT)`);
  });

  test('is refused if it is a file, or below one', async () => {
    writeFileSync(folder, '');
    await expect(openCacheFolder(folder, writeResult)).rejects.toThrow(`${folder}: not a folder`);
    await expect(openCacheFolder(join(folder, 'x'), writeResult)).rejects.toThrow('not a folder');
  });

  test.skipIf(process.getuid?.() !== 0)(
    'is refused if it is somebody else’s and open to others',
    async () => {
      mkdirSync(folder);
      chmodSync(folder, 0o750);
      chownSync(folder, 65_534, 65_534);
      await expect(openCacheFolder(folder, writeResult)).rejects.toThrow('open to others (0750)');
      expect(modeOf(folder)).toBe('750');
    },
  );

  test('is refused if its user may not write there, in words', async () => {
    const denied = async (): Promise<void> => {
      throw Object.assign(new Error('denied'), { code: 'EACCES' });
    };
    await expect(openCacheFolder(folder, denied)).rejects.toThrow(
      new CacheRefused(`${folder}: permission denied (EACCES)`),
    );
  });

  test('is refused if nothing can be written there', async () => {
    const full = async (): Promise<void> => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    };
    await expect(openCacheFolder(folder, full)).rejects.toThrow(new CacheRefused(`${folder}: ENOSPC`));
  });
});

test('what is kept is found again, and only its owner can read it', async () => {
  const first = await open();
  const account = await first.cache.accountKey();
  const attempts = { refused: 1, unavailable: 2, notBeforeMs: 3 };
  await first.cache.keepCertificate(makePem('relay.example.com'));
  await first.cache.keepAttempts(attempts);
  const { cache, setAside } = await open();
  expect(await cache.accountKey()).toBe(account);
  expect(await cache.attempts()).toStrictEqual(attempts);
  const found = await cache.certificate();
  expect((found?.expiresAtMs ?? 0) - (found?.startsAtMs ?? 0)).toBe(9 * 24 * 3_600_000);
  const files = readdirSync(folder);
  expect(files.map((file) => modeOf(join(folder, file)))).toStrictEqual(['600', '600', '600']);
  expect(setAside).toStrictEqual([]);
});

test('other names, and another server, have other files', async () => {
  const { cache } = await open();
  await cache.keepCertificate(makePem('relay.example.com'));
  const account = await cache.accountKey();
  const others = await open(['relay.example.com', 'b.example.com']);
  expect(await others.cache.certificate()).toBeUndefined();
  expect(await others.cache.accountKey()).toBe(account);
  const elsewhere = await open(NAMES, 'https://other.example.com/directory');
  expect(await elsewhere.cache.certificate()).toBeUndefined();
  expect(await elsewhere.cache.accountKey()).not.toBe(account);
  expect([...others.setAside, ...elsewhere.setAside]).toStrictEqual([]);
});

test('the order of the names does not matter', async () => {
  const pem = makePem('a.example.com,DNS:b.example.com');
  await (await open(['a.example.com', 'b.example.com'])).cache.keepCertificate(pem);
  const { cache, setAside } = await open(['b.example.com', 'a.example.com']);
  expect(await cache.certificate()).toBeDefined();
  expect(setAside).toStrictEqual([]);
});

const keyOf = (pem: string): string => pem.slice(0, pem.indexOf('-----BEGIN CERTIFICATE'));
const certificateOf = (pem: string): string => pem.slice(pem.indexOf('-----BEGIN CERTIFICATE'));

test.each<[string, (good: string) => string]>([
  ['empty', () => ''],
  ['cut short', (good) => good.slice(0, 300)],
  ['without its key', certificateOf],
  ['with the key of another', (good) => keyOf(makePem('relay.example.com')) + certificateOf(good)],
  ['of other names', () => makePem('other.example.com')],
  ['longer than any', (good) => good + ' '.repeat(200_000)],
])(
  'a certificate file that is %s is set aside and told, and does as if there were none',
  async (_, spoil) => {
    const { cache, setAside } = await open();
    const good = makePem('relay.example.com');
    await cache.keepCertificate(good);
    const [file = ''] = readdirSync(folder);
    writeFileSync(join(folder, file), spoil(good));
    expect(await cache.certificate()).toBeUndefined();
    expect(readdirSync(folder)).toStrictEqual([`${file}.set-aside`]);
    expect(setAside).toHaveLength(1);
    expect(setAside[0]).toMatch(new RegExp(`^${file}: (broken|FOREIGN|ERR_OSSL_[A-Z0-9_]+)$`));
    expect(await cache.certificate()).toBeUndefined();
    expect(setAside).toHaveLength(1);
  },
);

test('an account key that is no key is set aside, and another is made', async () => {
  const { cache, setAside } = await open();
  const first = await cache.accountKey();
  const [file = ''] = readdirSync(folder);
  writeFileSync(join(folder, file), 'secret');
  expect(await cache.accountKey()).not.toBe(first);
  expect(setAside.join()).not.toContain('secret');
  expect(setAside).toHaveLength(1);
});

test.each(['', '{}', 'null', '[]', '{"refused":-1,"unavailable":0,"notBeforeMs":0}'])(
  'attempts that read %j are set aside',
  async (text) => {
    const { cache, setAside } = await open();
    await cache.keepAttempts({ refused: 1, unavailable: 0, notBeforeMs: 1 });
    const [file = ''] = readdirSync(folder);
    writeFileSync(join(folder, file), text);
    expect(await cache.attempts()).toBeUndefined();
    expect(setAside).toStrictEqual([`${file}: broken`]);
  },
);

test('a link in place of a file is not followed', async () => {
  const { cache, setAside } = await open();
  await cache.keepCertificate(makePem('relay.example.com'));
  const [file = ''] = readdirSync(folder);
  const elsewhere = join(root, 'elsewhere.pem');
  writeFileSync(elsewhere, readFileSync(join(folder, file)));
  rmSync(join(folder, file));
  symlinkSync(elsewhere, join(folder, file));
  expect(await cache.certificate()).toBeUndefined();
  expect(setAside).toStrictEqual([`${file}: FOREIGN`]);
});
