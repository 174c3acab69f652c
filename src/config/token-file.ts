/** The file of `--binary-tokens`. */
import { BinaryTokens } from '../admission/binary-tokens.ts';
import { SettingError } from './config-error.ts';
import { settings } from './settings.ts';
import { readTextFile } from './text-file.ts';

/** 50,000 tokens with a server-id each. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** @throws SettingError naming the file, and the line that is wrong, but never what is in it */
export const readTokenFile = async (file: string): Promise<BinaryTokens> => {
  const flags = [settings.binaryTokens.flag];
  const text = await readTextFile(file, MAX_FILE_BYTES, (problem) => new SettingError(flags, problem));
  // Read in the moment between the two steps of most writers, truncate and write, it would close all binaries.
  if (text === '')
    throw new SettingError(flags, `${file}: empty: to let no binary in, write a comment, such as # none`);
  const tokens = BinaryTokens.parse(text);
  if (tokens instanceof BinaryTokens) return tokens;
  throw new SettingError(flags, `${file}:${tokens.line}: the line ${tokens.problem}`);
};
