/** Reads a file that a setting names. */
import { readFile, stat } from 'node:fs/promises';
import { describeFileError } from './file-error.ts';

/** `err` begins with the file. */
export type FileReading = { readonly bytes: Buffer } | { readonly err: string };

/** A file that is missing, no regular file, or longer than `maxBytes` is not read. */
export const readBoundedFile = async (file: string, maxBytes: number): Promise<FileReading> => {
  try {
    const found = await stat(file);
    // A pipe would be waited for.
    if (!found.isFile()) return { err: `${file}: not a file` };
    if (found.size > maxBytes) return { err: `${file}: longer than ${maxBytes} bytes` };
    return { bytes: await readFile(file) };
  } catch (error) {
    return { err: `${file}: ${describeFileError(error)}` };
  }
};
