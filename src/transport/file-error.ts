/** What an operator reads when a file or folder cannot be used. */

const WORDS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file'],
  ['EACCES', 'permission denied'],
]);

/** Names the cause, with the system's code behind it, and never the file. */
export const describeFileError = (error: unknown): string => {
  if (!(error instanceof Error) || !('code' in error)) return 'cannot be read';
  const code = String(error.code);
  const words = WORDS.get(code);
  return words === undefined ? code : `${words} (${code})`;
};
