/** Text files that people hand to commands. */
import { readBoundedFile } from '../transport/bounded-file.ts';
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
  const read = await readBoundedFile(file, maxBytes);
  if ('err' in read) throw errorOf(read.err);
  const text = read.bytes.toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
};
