/** `pyrycode-relay record`: downloads a running relay's flight recording and writes it to a file. */
import { Agent, get, type IncomingMessage } from 'node:http';
import { isLoopbackHost } from '../config/checks.ts';
import { readCommandLine } from '../config/command-line.ts';
import { ConfigError } from '../config/read-config.ts';
import { writeResult } from '../config/result-file.ts';
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

const readUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBare = url !== undefined && `${url.origin}/` === url.href;
  if (!isBare || url.protocol !== 'http:' || !isLoopbackHost(url.hostname)) {
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
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    // An agent of its own: the global one, like `fetch`, may go through a proxy that the environment names.
    get(url, { agent: new Agent(), signal }, resolve).on('error', reject);
  });
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`it answers ${response.statusCode ?? 0}`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MAX_RECORDING_BYTES) throw new Error(`more than ${MAX_RECORDING_BYTES} bytes came`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'AbortError') return `no answer within ${PATIENCE_MS / 1_000} s`;
  // The message is empty if several addresses were tried and all failed.
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
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
    await writeResult(out, text);
    process.stdout.write(`${out}: ${header.servers} server-ids, ${header.records} records\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`pyrycode-relay: cannot record from ${url} to ${out}: ${reasonOf(error)}\n`);
    return 1;
  }
};
