/** Text files that people hand to commands. */
import { readFile, stat } from 'node:fs/promises';
import { describeFileError } from '../transport/file-error.ts';
import { ConfigError } from './config-error.ts';

/** A mark that some editors write at the beginning of a file; it is not part of the text. */
const BYTE_ORDER_MARK = '\u{feff}';

/**
 * @param errorOf makes an error of a text that begins with the file
 * @throws what `errorOf` returns: the file is missing, no regular file, or longer than `maxBytes`
 */
export const readTextFile = async (
  file: string,
  maxBytes: number,
  errorOf = (problem: string): ConfigError => new ConfigError(problem),
): Promise<string> => {
  const failed = (error: unknown): never => {
    throw errorOf(`${file}: ${describeFileError(error)}`);
  };
  const found = await stat(file).catch(failed);
  if (!found.isFile()) throw errorOf(`${file}: not a file`);
  if (found.size > maxBytes) throw errorOf(`${file}: longer than ${maxBytes} bytes`);
  const text = await readFile(file, 'utf8').catch(failed);
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
};
