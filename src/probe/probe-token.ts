/** The token that the binary of a probe presents. Not on the command line, which every process of the machine can read. */
import { ConfigError } from '../config/config-error.ts';
import { readTextFile } from '../config/text-file.ts';

const MAX_FILE_BYTES = 4_096;
/** What a header can carry. */
const TOKEN = /^[\x21-\x7e]{1,512}$/;

/**
 * @param file its only line is the token
 * @param variable the value of the environment; the file counts first
 * @throws ConfigError that never quotes the token
 */
export const readProbeToken = async (
  file: string | undefined,
  variable: string | undefined,
): Promise<string | undefined> => {
  const text = file === undefined ? variable : await readTextFile(file, MAX_FILE_BYTES);
  if (text === undefined || (file === undefined && text === '')) return undefined;
  const token = text.trim();
  if (TOKEN.test(token)) return token;
  const source = file === undefined ? 'PYRYCODE_RELAY_PROBE_TOKEN' : `--token-file ${file}`;
  throw new ConfigError(`${source}: takes one token of at most 512 visible ASCII characters`);
};
