/** Parses the command line of `conformance`. */
import { ConfigError } from '../config/read-config.ts';
import { settings } from '../config/settings.ts';
import { COVERS, type Cover } from './covers.ts';
import { PROFILES, type Profile } from './profile.ts';
import {
  optional,
  readBase,
  readCaFile,
  readChoice,
  readFlags,
  readNumber,
  readTime,
  type Texts,
} from './read-flags.ts';
import type { Lengths } from './timers/run-timers.ts';

export interface ConformanceOptions {
  readonly base: string;
  readonly cover: Cover;
  readonly parallel: number;
  /** The id of a path or a difference, or the name of a timer. */
  readonly only: string | undefined;
  readonly maxPhones: number;
  /** As the target is configured. */
  readonly lengths: Lengths;
  /** Whether to measure the timers that take long, too. */
  readonly measuresAll: boolean;
  /** Whether to ask about the differences that no path shows. */
  readonly asksDifferences: boolean;
  readonly patienceMs: number;
  readonly json: string | undefined;
  readonly junit: string | undefined;
  /** A folder for what the paths that passed have exercised. */
  readonly coverage: string | undefined;
  readonly profile: Profile;
  /** PEM certificates to trust besides those of Node. */
  readonly caFile: string | undefined;
}

export const CONFORMANCE_HELP = `Usage: pyrycode-relay conformance ws[s]://HOST:PORT [flags]

Takes a running relay, this one or any other, along every path of the server chart, and says where it differs.

  --cover edge|pairs         every event in every situation, or every two that can follow (edge)
  --parallel NUMBER          paths under way at once, each on a server-id of its own (16)
  --only ID                  the one path, timer or difference with this id, as a failure prints it
  --max-phones NUMBER        the target's cap (${settings.maxPhones.fallback})
  --grace DURATION           the target's grace period (30s)
  --probe-timeout DURATION   the target's probe timeout (10s)
  --timers                   measure heartbeat, message and write timeouts too, after grace and probe
  --heartbeat-interval, --heartbeat-timeout, --message-timeout, --write-timeout DURATION
                             the target's, for --timers (30s, 30s, 30s, 10s)
  --patience DURATION        longest wait; paths that need more are skipped (60s)
  --profile strict|go        what the target may differ in, see docs/differences.md (strict)
  --differences              also ask what no path shows of docs/differences.md: odd requests, frames, envelopes and pings
  --ca FILE                  trust these PEM certificates too, for wss:// (those Node knows)
  --json FILE, --junit FILE  write the results there too
  --coverage DIR             write there what the paths that passed exercise of the chart
  --help                     print this

Start the target with --rate-burst 0. The Go relay takes 20 connections, and 20 dials, then 10 a minute: use
--parallel 1, and patience.
Exit: 0 when all paths passed, 1 when one failed, 2 when the command line is wrong or nothing answers, 3 when
none failed and this machine was too busy to judge some.
`;

const CONFORMANCE_FLAGS = {
  cover: 'edge',
  parallel: '16',
  only: '',
  'max-phones': String(settings.maxPhones.fallback),
  grace: '30s',
  'probe-timeout': '10s',
  'heartbeat-interval': '',
  'heartbeat-timeout': '',
  'message-timeout': '',
  'write-timeout': '',
  patience: '60s',
  profile: 'strict',
  json: '',
  junit: '',
  coverage: '',
  ca: '',
} as const;

/** Declared only for `--timers`. */
const LONG_TIMERS = {
  'heartbeat-interval': '30s',
  'heartbeat-timeout': '30s',
  'message-timeout': '30s',
  'write-timeout': '10s',
} as const;

const MOST_PARALLEL = 1_000;
/** With more phones, the pair cover has hundreds of thousands of paths. */
export const MOST_PHONES = 64;

const readLengths = (texts: Texts<typeof CONFORMANCE_FLAGS>, measuresAll: boolean): Lengths => {
  const readLong = (flag: keyof typeof LONG_TIMERS): number => {
    if (texts[flag] !== '' && !measuresAll) throw new ConfigError(`--${flag} is for --timers`);
    return readTime(flag, texts[flag] || LONG_TIMERS[flag]);
  };
  return {
    grace: readTime('grace', texts.grace),
    'probe-timeout': readTime('probe-timeout', texts['probe-timeout']),
    'heartbeat-interval': readLong('heartbeat-interval'),
    'heartbeat-timeout': readLong('heartbeat-timeout'),
    'message-timeout': readLong('message-timeout'),
    'write-timeout': readLong('write-timeout'),
  };
};

/** @returns undefined if help is requested */
export const readConformance = (args: readonly string[]): ConformanceOptions | undefined => {
  const { texts, positionals, help, switches } = readFlags(args, CONFORMANCE_FLAGS, [
    'timers',
    'differences',
  ]);
  if (help) return undefined;
  const base = readBase('conformance', positionals);
  return {
    base,
    cover: readChoice('cover', texts.cover, COVERS),
    parallel: readNumber('parallel', texts.parallel, 1, MOST_PARALLEL),
    only: optional(texts.only),
    maxPhones: readNumber('max-phones', texts['max-phones'], 0, MOST_PHONES),
    lengths: readLengths(texts, switches.has('timers')),
    measuresAll: switches.has('timers'),
    asksDifferences: switches.has('differences'),
    patienceMs: readTime('patience', texts.patience),
    profile: readChoice('profile', texts.profile, PROFILES),
    json: optional(texts.json),
    junit: optional(texts.junit),
    coverage: optional(texts.coverage),
    caFile: readCaFile(base, texts.ca),
  };
};
