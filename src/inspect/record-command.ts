/** `pyrycode-relay record`: downloads a running relay's flight recording and writes it to a file. */
import { Agent, get, type IncomingMessage } from 'node:http';
import { isLoopbackHost } from '../config/checks.ts';
import { readCommandLine } from '../config/command-line.ts';
import { ConfigError } from '../config/read-config.ts';
import { writeResult } from '../config/result-file.ts';
import { visibleText } from '../protocol/visible-text.ts';
import { type RecordingPart, RecordingReader } from './read-recording.ts';
import type { RecordingHeader } from './recording-format.ts';

export const RECORD_HELP = `Usage: pyrycode-relay record --inspect URL --out FILE [flags]

Writes the last lifecycle events of every server-id of a running relay, for pyrycode-relay replay or a bug report.

  --inspect URL   where the relay serves its inspector, such as http://127.0.0.1:9091
  --out FILE      what is there is overwritten
  --keep-ids      server-ids and connection ids as they are; without it they become S1, B1, P1 and so on
  --help          print this

Who knows a server-id can claim it: share a recording made with --keep-ids with nobody.
Exit: 0 when the file is written, 1 when nothing answers, or not with a recording, 2 when the command line is wrong.
`;

/** For the head of the answer, and then for each piece of it: a slow link may take as long as it needs for all. */
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

/** @throws Error if nothing more comes for `PATIENCE_MS` */
const inTime = async <T>(coming: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`nothing comes for ${PATIENCE_MS / 1_000} s`);
    timer = setTimeout(reject, PATIENCE_MS, error);
  });
  try {
    return await Promise.race([coming, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** @throws Error if nothing answers, or not with 200 */
const fetchRecording = async (url: string): Promise<IncomingMessage> => {
  // An agent of its own: the global one, like `fetch`, may go through a proxy that the environment names.
  const request = get(url, { agent: new Agent() });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
  });
  try {
    const response = await inTime(answer);
    if (response.statusCode === 200) return response;
    throw new Error(`it answers ${response.statusCode ?? 0}`);
  } catch (error) {
    request.destroy();
    throw error;
  }
};

/** Passes a recording on as it arrives, and checks it. What is invalid fails before its file is in place. */
class CheckedRecording {
  header: RecordingHeader | undefined;
  readonly #response: IncomingMessage;

  constructor(response: IncomingMessage) {
    this.#response = response;
  }

  async *chunks(): AsyncGenerator<Uint8Array, void> {
    const reader = new RecordingReader();
    const pieces = this.#response.iterator();
    try {
      for (;;) {
        const { done, value: chunk } = await inTime(pieces.next());
        if (done === true) break;
        if (!Buffer.isBuffer(chunk)) continue;
        this.#note(reader.take(chunk));
        yield chunk;
      }
    } finally {
      this.#response.destroy();
    }
    this.#note(reader.end());
  }

  #note(parts: Iterable<RecordingPart>): void {
    for (const part of parts) if (part.kind === 'header') this.header = part.header;
  }
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'no answer';
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
    const recording = new CheckedRecording(await fetchRecording(url));
    await writeResult(out, recording.chunks());
    const { servers, records } = recording.header ?? { servers: 0, records: 0 };
    process.stdout.write(`${out}: ${servers} server-ids, ${records} records\n`);
    return 0;
  } catch (error) {
    process.stderr.write(
      `pyrycode-relay: cannot record from ${url} to ${out}: ${visibleText(reasonOf(error))}\n`,
    );
    return 1;
  }
};
