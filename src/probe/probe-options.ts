/** The command line of `probe`. */

import { readCommandLine } from '../config/command-line.ts';
import { ConfigError } from '../config/config-error.ts';
import { formatSize, readSize } from '../config/quantities.ts';
import { settings } from '../config/settings.ts';
import { PROFILES } from '../conformance/profile.ts';
import { readBase, readCaFile, readChoice, readTime } from '../conformance/read-flags.ts';
import { MAX_SERVER_ID_BYTES } from '../protocol/request-limits.ts';
import type { ProbeTarget } from './probe-session.ts';

const DEFAULT_TIMEOUT = '10s';
const TOKEN_VARIABLE = 'PYRYCODE_RELAY_PROBE_TOKEN';

export const PROBE_HELP = `Usage: pyrycode-relay probe ws[s]://HOST:PORT [flags]

Looks at a running relay, this one or any other, as its users do: claims a server-id of its own,
registers two phones, and checks what they get. A round is five dials and 1.5 MB, and ends at the
first check that fails.

  --every DURATION        a round so often, for ever, each with a line (one round)
  --timeout DURATION      longest time for each check (${DEFAULT_TIMEOUT})
  --json                  write each round as one line of JSON
  --prometheus            write it as Prometheus metrics
  --out FILE              write metrics to FILE in one step, for node_exporter's textfile collector
  --ca FILE               trust these PEM certificates too, for wss:// (those Node knows)
  --token-file FILE       the token of the binary, for a relay with --binary-tokens (${TOKEN_VARIABLE})
  --server-id ID          the server-id to claim, if the token is tied to one (a new one each round)
  --max-frame-bytes SIZE  the target's longest message (${settings.maxFrameBytes.fallbackText})
  --profile strict|go     what the target may differ in, see docs/differences.md (strict)
  --help                  print this

The Go relay takes 10 dials a minute from one address: use --every 60s, and --profile go.
Exit: 0 when all checks passed, 1 when one failed or nothing answers, 2 when the command line is wrong.
`;

export type ProbeFormat = 'text' | 'json' | 'prometheus';

export interface ProbeOptions {
  readonly target: Omit<ProbeTarget, 'trusted' | 'relayToken'>;
  readonly format: ProbeFormat;
  readonly out: string | undefined;
  /** Undefined for one round. */
  readonly everyMs: number | undefined;
  readonly caFile: string | undefined;
  readonly tokenFile: string | undefined;
  /** Of the environment. */
  readonly token: string | undefined;
}

const TEXTS = ['every', 'timeout', 'out', 'ca', 'token-file', 'server-id', 'max-frame-bytes', 'profile'];
const SWITCHES = ['json', 'prometheus'];
const MIN_EVERY_MS = 1_000;

const readEvery = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const everyMs = readTime('every', text);
  if (everyMs < MIN_EVERY_MS) throw new ConfigError('--every takes a duration from 1s, such as 60s');
  return everyMs;
};

const readMaxFrame = (text: string): number => {
  const bytes = readSize(text);
  const { check, takes } = settings.maxFrameBytes;
  const value = check(bytes);
  if (value === undefined) throw new ConfigError(`--max-frame-bytes takes ${takes}, not "${text}"`);
  return value;
};

const readServerId = (text: string | undefined): string | undefined => {
  if (text !== undefined && (!/^[\x21-\x7e]+$/.test(text) || text.length > MAX_SERVER_ID_BYTES))
    throw new ConfigError(`--server-id takes 1 to ${MAX_SERVER_ID_BYTES} visible ASCII characters`);
  return text;
};

const readFormat = (
  switches: ReadonlySet<string>,
  out: string | undefined,
  isRepeated: boolean,
): ProbeFormat => {
  if (switches.has('json') && switches.has('prometheus'))
    throw new ConfigError(
      '--json and --prometheus exclude each other; --out FILE has the metrics beside --json',
    );
  if (switches.has('json')) return 'json';
  if (!switches.has('prometheus') || out !== undefined) return 'text';
  if (isRepeated) throw new ConfigError('--prometheus with --every needs --out FILE');
  return 'prometheus';
};

/** @returns undefined if help is requested */
export const readProbe = (args: readonly string[], env: NodeJS.ProcessEnv): ProbeOptions | undefined => {
  const { texts, switches, positionals } = readCommandLine(args, TEXTS, SWITCHES, 'help probe');
  if (switches.has('help')) return undefined;
  const base = readBase('probe', positionals);
  const everyMs = readEvery(texts.get('every'));
  const out = texts.get('out');
  return {
    target: {
      base,
      serverId: readServerId(texts.get('server-id')),
      profile: readChoice('profile', texts.get('profile') ?? 'strict', PROFILES),
      maxFrameBytes: readMaxFrame(
        texts.get('max-frame-bytes') ?? formatSize(settings.maxFrameBytes.fallback),
      ),
      timeoutMs: readTime('timeout', texts.get('timeout') ?? DEFAULT_TIMEOUT),
    },
    format: readFormat(switches, out, everyMs !== undefined),
    out,
    everyMs,
    caFile: readCaFile(base, texts.get('ca') ?? ''),
    tokenFile: texts.get('token-file'),
    token: env[TOKEN_VARIABLE],
  };
};
