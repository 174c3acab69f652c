/** Command lines of `npm run load`, `soak` and `fuzz`: whole numbers, addresses, choices. */

/** A wrong command line: exit 2, before anything has started. */
export class UsageError extends Error {}

/**
 * @param {string} flag
 * @param {string} text
 * @param {{ from: number, to: number }} range
 */
export const wholeNumber = (flag, text, { from, to }) => {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (value < from || value > to)
    throw new UsageError(`--${flag} takes a whole number from ${from} to ${to}, not ${JSON.stringify(text)}`);
  return value;
};

/**
 * Decimal fractions are welcome.
 * @param {string} flag
 * @param {string} text
 * @param {{ from: number, to: number, unit: string }} range
 */
export const amount = (flag, text, { from, to, unit }) => {
  const value = /^\d{1,9}(\.\d{1,3})?$/.test(text) ? Number(text) : -1;
  if (value < from || value > to)
    throw new UsageError(`--${flag} takes ${from} to ${to} ${unit}, not ${JSON.stringify(text)}`);
  return value;
};

/**
 * @param {string} flag
 * @param {string | undefined} text
 * @param {readonly string[]} choices
 */
export const choice = (flag, text, choices) => {
  if (text === undefined || !choices.includes(text)) {
    const given = text === undefined ? 'and is missing' : `not ${JSON.stringify(text)}`;
    throw new UsageError(`--${flag} takes ${choices.join(', ')}, ${given}`);
  }
  return text;
};

/**
 * @param {string} flag
 * @param {string} text
 */
export const address = (flag, text) => {
  const problem = `--${flag} takes ws://HOST:PORT or wss://HOST:PORT, not ${JSON.stringify(text)}`;
  if (!URL.canParse(text)) throw new UsageError(problem);
  const { protocol, hostname, port, pathname, search, hash, username, password } = new URL(text);
  const isTls = protocol === 'wss:';
  if ((!isTls && protocol !== 'ws:') || `${search}${hash}${username}${password}` !== '' || hostname === '')
    throw new UsageError(problem);
  const defaultPort = isTls ? 443 : 80;
  return {
    isTls,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? defaultPort : Number(port),
    path: pathname.replace(/\/+$/, ''),
  };
};

/**
 * Exits with 2 if the command line is wrong, and with 0 if it asks for help.
 * @template T
 * @param {string} name of the command
 * @param {string} help
 * @param {() => T} read throws UsageError, or what `parseArgs` throws
 * @returns {T}
 */
export const readOrExit = (name, help, read) => {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(help);
    process.exit(0);
  }
  try {
    return read();
  } catch (error) {
    const isUsage =
      error instanceof UsageError ||
      (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
    if (!isUsage) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exit(2);
  }
};
