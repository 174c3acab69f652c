/** The folder of the certificate cache. It holds private keys, so only its owner may look into it. */
import { constants, type Stats } from 'node:fs';
import { access, chmod, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFileError } from '../file-error.ts';

const OWNER_ONLY = 0o700;
const OTHERS = 0o077;

/** The folder cannot be used; the message says why, and names it. */
export class CacheRefused extends Error {
  override readonly name = 'CacheRefused';
}

/** Writes a file in one step, readable by its owner only. */
export type WriteFile = (path: string, text: string) => Promise<void>;

export interface Tightened {
  readonly path: string;
  /** Permissions in octal, such as `0755`. */
  readonly from: string;
  readonly to: string;
}

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0');

const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

/** @throws CacheRefused if others may look into it, and we cannot change that */
const checkOwner = (path: string, { mode, uid }: Pick<Stats, 'mode' | 'uid'>): void => {
  if ((mode & OTHERS) !== 0 && uid !== process.geteuid?.())
    throw new CacheRefused(
      `${path}: open to others (${octal(mode)}) and owned by another user; chmod 700 it`,
    );
};

/**
 * Looks at a folder that exists, and changes nothing.
 * @throws CacheRefused as `openCacheFolder`
 */
export const checkCacheFolder = async (path: string): Promise<void> => {
  const found = await stat(path).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw new CacheRefused(`${path}: ${describeFileError(error)}`);
  });
  if (found === undefined) return;
  if (!found.isDirectory()) throw new CacheRefused(`${path}: not a folder`);
  checkOwner(path, found);
  await access(path, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw new CacheRefused(`${path}: ${describeFileError(error)}`);
  });
};

/**
 * Creates the folder, or takes one that only this user can read; takes away the rights of others if it is ours.
 * @throws CacheRefused if it is no folder, somebody else's and open to others, or not writable
 */
export const openCacheFolder = async (path: string, write: WriteFile): Promise<Tightened | undefined> => {
  const refuse = (why: string): never => {
    throw new CacheRefused(`${path}: ${why}`);
  };
  const failed = (error: unknown): never => refuse(describeFileError(error));
  await mkdir(path, { recursive: true, mode: OWNER_ONLY }).catch((error: unknown) => {
    // With `recursive`, a folder that exists is no error: what exists here is something else.
    if (hasCode(error, 'EEXIST', 'ENOTDIR')) refuse('not a folder');
    failed(error);
  });
  const { mode, uid } = await stat(path).catch(failed);
  let tightened: Tightened | undefined;
  if ((mode & OTHERS) !== 0) {
    checkOwner(path, { mode, uid });
    await chmod(path, OWNER_ONLY).catch(failed);
    tightened = { path, from: octal(mode), to: octal(OWNER_ONLY) };
  }
  // Found out now rather than when a certificate has been issued.
  const probe = join(path, '.writable');
  await write(probe, '').catch(failed);
  await rm(probe, { force: true });
  return tightened;
};
