/**
 * What a restart must find again: the account's key for each ACME server; the certificate, and how the last orders ended, for each
 * server and set of names. A file that cannot be used is set aside, under its name with `.set-aside`.
 */
import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { lstat, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate } from '../certificate-source.ts';
import { MAX_CACHE_FILE_BYTES } from './acme-limits.ts';
import type { WriteFile } from './cache-folder.ts';
import { readBundle } from './certificate-bundle.ts';
import type { Attempts } from './renewal-schedule.ts';

export interface CacheOptions {
  /** Opened by `openCacheFolder`. */
  readonly folder: string;
  readonly directoryUrl: string;
  readonly names: readonly string[];
  readonly write: WriteFile;
  /** Called with the file that could not be used, and a fixed text or a system code. */
  readonly setAside: (path: string, err: string) => void;
}

const digest = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);

/** EC P-256: the shortest handshake, and every client since 2010 knows it. */
export const makeKeyPem = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

const readAttempts = (text: string): Attempts => {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null) {
    const { refused, unavailable, notBeforeMs } = value as Partial<Record<keyof Attempts, unknown>>; // Each is checked below.
    if (isCount(refused) && isCount(unavailable) && isCount(notBeforeMs))
      return { refused, unavailable, notBeforeMs };
  }
  throw new Error('not the counts of attempts');
};

const readKey = (pem: string): string => {
  createPrivateKey(pem);
  return pem;
};

/** OpenSSL and the JSON parser quote what they read; it may be a key. */
const describe = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'broken';

export class CertificateCache {
  readonly #options: CacheOptions;
  readonly #accountFile: string;
  readonly #certificateFile: string;
  readonly #attemptsFile: string;

  constructor(options: CacheOptions) {
    const { folder, directoryUrl, names } = options;
    const sorted = names.toSorted();
    // The name is for people who look into the folder.
    const base = `${sorted[0]?.slice(0, 100) ?? ''}-${digest(directoryUrl, ...sorted)}`;
    this.#options = options;
    this.#accountFile = join(folder, `account-${digest(directoryUrl)}.pem`);
    this.#certificateFile = join(folder, `${base}.pem`);
    this.#attemptsFile = join(folder, `${base}.attempts.json`);
  }

  async #read<T>(path: string, parse: (text: string) => T): Promise<T | undefined> {
    try {
      const found = await lstat(path);
      if (!found.isFile() || found.size > MAX_CACHE_FILE_BYTES)
        throw Object.assign(new Error('foreign'), { code: 'FOREIGN' });
      return parse(await readFile(path, 'utf8'));
    } catch (error) {
      const err = describe(error);
      if (err === 'ENOENT') return undefined;
      // Who reads that it is set aside must find it so.
      await rename(path, `${path}.set-aside`).catch(() => {});
      this.#options.setAside(path, err);
      return undefined;
    }
  }

  /**
   * Makes one if there is none.
   * @throws the system's error if it cannot be kept: a server counts new accounts
   */
  async accountKey(): Promise<string> {
    const kept = await this.#read(this.#accountFile, readKey);
    if (kept !== undefined) return kept;
    const made = makeKeyPem();
    await this.#options.write(this.#accountFile, made);
    return made;
  }

  async certificate(): Promise<Certificate | undefined> {
    return await this.#read(this.#certificateFile, (pem) => readBundle(pem, this.#options.names, Date.now()));
  }

  /** @throws the system's error */
  async keepCertificate(pem: string): Promise<void> {
    await this.#options.write(this.#certificateFile, pem);
  }

  async attempts(): Promise<Attempts | undefined> {
    return await this.#read(this.#attemptsFile, readAttempts);
  }

  /** @throws the system's error */
  async keepAttempts(attempts: Attempts): Promise<void> {
    await this.#options.write(this.#attemptsFile, `${JSON.stringify(attempts)}\n`);
  }
}
