/** The folder of the certificate cache. It holds private keys, so only its owner may look into it. */
import { constants, type Dirent, type Stats } from 'node:fs';
import { access, chmod, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFileError } from '../file-error.ts';
import { makeFolder } from '../make-folder.ts';

const OWNER_ONLY = 0o700;
const OTHERS = 0o077;
/** Set on folders that many users write to, such as /tmp. */
const STICKY = 0o1000;
/** A volume has it from the start. */
const LOST_AND_FOUND = 'lost+found';

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

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

/** Of the names that `CertificateCache` writes, set aside or not. */
const CACHE_ENDINGS = ['.pem', '.attempts.json', '.set-aside'];

const isOfCache = (entry: Dirent): boolean =>
  entry.isFile() && CACHE_ENDINGS.some((ending) => entry.name.endsWith(ending));

/**
 * Whether it holds anything else than a cache does. Root owns most folders of a machine, and must not close /etc to everybody because
 * of a typing error.
 */
const isForMore = async (path: string, mode: number): Promise<boolean> => {
  if ((mode & STICKY) !== 0) return true;
  const entries = await readdir(path, { withFileTypes: true });
  return entries.some((entry) => entry.name !== LOST_AND_FOUND && !isOfCache(entry));
};

/** @throws CacheRefused if others may look into it, and we may not change that */
const checkRights = async (path: string, { mode, uid }: Pick<Stats, 'mode' | 'uid'>): Promise<void> => {
  if ((mode & OTHERS) === 0) return;
  const rights = octal(mode);
  if (uid !== process.geteuid?.())
    throw new CacheRefused(`${path}: open to others (${rights}) and owned by another user; chmod 700 it`);
  if (await isForMore(path, mode))
    throw new CacheRefused(
      `${path}: open to others (${rights}) and not for certificates only; name a folder that holds nothing else`,
    );
};

/** Turns what failed into a refusal. */
const refuser =
  (path: string) =>
  (error: unknown): never => {
    if (error instanceof CacheRefused) throw error;
    throw new CacheRefused(`${path}: ${describeFileError(error)}`);
  };

/**
 * Looks at a folder that exists, and changes nothing.
 * @throws CacheRefused as `openCacheFolder`
 */
export const checkCacheFolder = async (path: string): Promise<void> => {
  const found = await stat(path).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) refuser(path)(error);
  });
  if (found === undefined) return;
  if (!found.isDirectory()) throw new CacheRefused(`${path}: not a folder`);
  const failed = refuser(path);
  await checkRights(path, found).catch(failed);
  await access(path, constants.W_OK | constants.X_OK).catch(failed);
};

/**
 * Creates the folder, or takes one that only this user can read; takes away the rights of others if it is ours.
 * @throws CacheRefused if it is no folder, not writable, or open to others and somebody else's or for other things too
 */
export const openCacheFolder = async (path: string, write: WriteFile): Promise<Tightened | undefined> => {
  const failed = refuser(path);
  await makeFolder(path, OWNER_ONLY).catch((error: unknown) => {
    if (hasCode(error, 'EEXIST', 'ENOTDIR')) throw new CacheRefused(`${path}: not a folder`);
    failed(error);
  });
  const found = await stat(path).catch(failed);
  let tightened: Tightened | undefined;
  if ((found.mode & OTHERS) !== 0) {
    await checkRights(path, found).catch(failed);
    await chmod(path, OWNER_ONLY).catch(failed);
    tightened = { path, from: octal(found.mode), to: octal(OWNER_ONLY) };
  }
  // Found out now rather than when a certificate has been issued.
  const probe = join(path, '.writable');
  await write(probe, '').catch(failed);
  await rm(probe, { force: true });
  return tightened;
};
