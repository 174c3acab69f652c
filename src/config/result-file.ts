/** Files that commands write. */
import { randomBytes } from 'node:crypto';
import { chmod, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Only the owner may read what a command has found: a recording with ids is as sensitive as the ids. */
const MODE = 0o600;

/** The file a name leads to: a link stays a link. */
const targetOf = async (path: string): Promise<string> => await realpath(path).catch(() => path);

/** A terminal, a pipe or `/dev/null` is written to; only a file is replaced. */
const isReplaceable = async (path: string): Promise<boolean> => {
  const found = await stat(path).catch(() => undefined);
  return found === undefined || found.isFile() || found.isDirectory();
};

const besideOf = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);

/**
 * Replaces `path` in one step: until the text is complete there is the old file, or none, and the mode of an old file is not
 * inherited.
 * @throws the system's error; nothing is left behind then
 */
export const writeResult = async (
  path: string,
  text: string | AsyncIterable<Uint8Array>,
  mode = MODE,
): Promise<void> => {
  const target = await targetOf(path);
  if (!(await isReplaceable(target))) {
    await writeFile(target, text);
    return;
  }
  const beside = besideOf(target);
  try {
    await writeFile(beside, text, { mode, flag: 'wx', flush: true });
    // A umask takes away from the mode of a new file.
    await chmod(beside, mode);
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
};

/**
 * Finds out early whether `writeResult` could write there.
 * @throws the system's error
 */
export const checkWritable = async (path: string): Promise<void> => {
  const target = await targetOf(path);
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory() === true) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
  if (!(await isReplaceable(target))) return;
  const beside = besideOf(target);
  await (await open(beside, 'wx', MODE)).close();
  await rm(beside);
};
