/** `pyrycode-relay record`: downloads a running relay's flight recording and writes it to a file. */
import { writeFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { ConfigError } from '../config/read-config.ts';
import { readCommandLine } from './command-line.ts';
import { MAX_RECORDING_BYTES } from './recorder-limits.ts';
import { readRecording } from './recording.ts';

export const RECORD_HELP = `Usage: pyrycode-relay record --inspect URL --out FILE [flags]

Writes the last lifecycle events of every server-id of a running relay, for pyrycode-relay replay or a bug report.

  --inspect URL   where the relay serves its inspector, such as http://127.0.0.1:9091
  --out FILE      what is there is overwritten
  --keep-ids      server-ids and connection ids as they are; without it they become S1, B1, P1 and so on
  --help          print this

Who knows a server-id can claim it: share a recording made with --keep-ids with nobody.
Exit: 0 when the file is written, 1 when nothing answers, or not with a recording, 2 when the command line is wrong.
`;

const PATIENCE_MS = 10_000;

interface RecordOptions {
  readonly url: string;
  readonly out: string;
}

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '[::1]']);

const isLoopback = ({ hostname }: URL): boolean =>
  LOOPBACK_NAMES.has(hostname) || (isIPv4(hostname) && hostname.startsWith('127.'));

const readUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBare = url !== undefined && `${url.origin}/` === url.href;
  if (!isBare || url.protocol !== 'http:' || !isLoopback(url)) {
    throw new ConfigError(
      '--inspect takes an http:// address of this machine, such as http://127.0.0.1:9091',
    );
  }
  return url;
};

/** @returns undefined if help is requested */
const readOptions = (args: readonly string[]): RecordOptions | undefined => {
  const { texts, switches, positionals } = readCommandLine(args, ['inspect', 'out'], ['keep-ids']);
  if (switches.has('help')) return undefined;
  const inspect = texts.get('inspect');
  const out = texts.get('out');
  if (inspect === undefined || out === undefined || positionals.length > 0) {
    throw new ConfigError('record takes --inspect URL and --out FILE, and no argument; see --help');
  }
  const url = new URL('/recording', readUrl(inspect));
  if (switches.has('keep-ids')) url.search = 'keep-ids=1';
  return { url: url.href, out };
};

const fetchText = async (url: string): Promise<string> => {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!response.ok || response.body === null) throw new Error(`it answers ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > MAX_RECORDING_BYTES) throw new Error(`more than ${MAX_RECORDING_BYTES} bytes came`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** Node's message is only "fetch failed"; the reason is in `cause`. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'no answer';
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  // The message is empty if several addresses were tried and all failed.
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message;
};

/** @returns the exit code */
export const record = async (args: readonly string[]): Promise<number> => {
  const options = readOptions(args);
  if (options === undefined) {
    process.stdout.write(RECORD_HELP);
    return 0;
  }
  const { url, out } = options;
  try {
    const text = await fetchText(url);
    const { header } = readRecording(text);
    // Only the owner may read it: a recording with ids is as sensitive as the ids.
    await writeFile(out, text, { mode: 0o600 });
    process.stdout.write(`${out}: ${header.servers} server-ids, ${header.records} records\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`pyrycode-relay: cannot record from ${url} to ${out}: ${reasonOf(error)}\n`);
    return 1;
  }
};
