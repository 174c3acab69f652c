/** Text files that people hand to commands. */
import { readFile, stat } from 'node:fs/promises';
import { ConfigError } from './config-error.ts';

/** A mark that some editors write at the beginning of a file; it is not part of the text. */
const BYTE_ORDER_MARK = '\u{feff}';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'cannot be read';

/** @throws ConfigError naming the file: it is missing, no regular file, or longer than `maxBytes` */
export const readTextFile = async (file: string, maxBytes: number): Promise<string> => {
  const failed = (error: unknown): never => {
    throw new ConfigError(`${file}: ${codeOf(error)}`);
  };
  const found = await stat(file).catch(failed);
  if (!found.isFile()) throw new ConfigError(`${file}: not a file`);
  if (found.size > maxBytes) throw new ConfigError(`${file}: longer than ${maxBytes} bytes`);
  const text = await readFile(file, 'utf8').catch(failed);
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
};
