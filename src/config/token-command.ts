/** `pyrycode-relay token`: makes a token for a binary. */
import { randomBytes } from 'node:crypto';
import { BinaryTokens, hashToken } from '../admission/binary-tokens.ts';
import { readCommandLine } from './command-line.ts';
import { ConfigError } from './config-error.ts';

export const TOKEN_HELP = `Usage: pyrycode-relay token [--server-id ID]

Makes a token, and prints it with the line for the file of --binary-tokens. The file has only its hash.

  --server-id ID   the only server-id that it may claim (any)
  --help           print this

A binary presents it in the header x-pyrycode-relay-token. The relay reads the file again at SIGHUP.
`;

const TOKEN_BYTES = 32;

/** @returns the exit code */
export const token = (args: readonly string[]): number => {
  const { texts, switches, positionals } = readCommandLine(args, ['server-id'], [], 'help token');
  if (switches.has('help')) {
    process.stdout.write(TOKEN_HELP);
    return 0;
  }
  const [unexpected] = positionals;
  if (unexpected !== undefined) throw new ConfigError('token takes no arguments but flags; see help token');
  const serverId = texts.get('server-id');
  const made = randomBytes(TOKEN_BYTES).toString('base64url');
  const line = serverId === undefined ? hashToken(made) : `${hashToken(made)} ${serverId}`;
  // As the relay will read it: an id with a line break, for example, would not be the same.
  const read = BinaryTokens.parse(line);
  if (!(read instanceof BinaryTokens) || !read.mayClaim(hashToken(made), serverId ?? ''))
    throw new ConfigError(
      '--server-id has no blanks at its ends, no line break, no # at its start, and at most 128 bytes',
    );
  process.stdout.write(
    `# For the binary, in the header x-pyrycode-relay-token:\n${made}\n# For the file of --binary-tokens:\n${line}\n`,
  );
  return 0;
};
