/** The file of `--binary-tokens`. */
import { BinaryTokens } from '../admission/binary-tokens.ts';
import { ConfigError } from './config-error.ts';
import { readTextFile } from './text-file.ts';

/** 50,000 tokens with a server-id each. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** @throws ConfigError naming the file, and the line that is wrong, but never what is in it */
export const readTokenFile = async (file: string): Promise<BinaryTokens> => {
  const tokens = BinaryTokens.parse(await readTextFile(file, MAX_FILE_BYTES));
  if (tokens instanceof BinaryTokens) return tokens;
  throw new ConfigError(`${file}:${tokens.line}: the line ${tokens.problem}`);
};
