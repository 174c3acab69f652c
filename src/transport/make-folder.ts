import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

const isFolder = async (path: string): Promise<boolean> =>
  await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** @throws the system's error, unless it is there already: somebody else may make it at the same time */
const makeOne = async (path: string, mode: number): Promise<void> => {
  try {
    await mkdir(path, mode);
  } catch (error) {
    if (!(await isFolder(path))) throw error;
  }
};

/**
 * Makes a folder and those around it. `mkdir` with `recursive` never returns where a file system answers ENOENT although the
 * folder around it is there, as /proc does.
 * @param mode permissions of those that it makes
 * @throws the system's error
 */
export const makeFolder = async (path: string, mode = 0o777): Promise<void> => {
  const around = dirname(resolve(path));
  try {
    await makeOne(path, mode);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || (await isFolder(around))) throw error;
    await makeFolder(around, mode);
    await makeOne(path, mode);
  }
};
