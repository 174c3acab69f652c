/** `pyrycode-relay replay FILE`: replays a recording and reports where the chart now behaves differently. */
import { readCommandLine } from '../config/command-line.ts';
import { ConfigError } from '../config/read-config.ts';
import { readTextFile } from '../config/text-file.ts';
import { onSignal } from '../signals.ts';
import { listen, stopListening } from '../transport/listening.ts';
import { MAX_RECORDING_BYTES } from './recorder-limits.ts';
import { type Recording, RecordingError, readRecording, type ServerRecording } from './recording.ts';
import { type ReplayStep, replayServer } from './replay.ts';
import { createReplayListener } from './replay-listener.ts';
import { divergenceLine, replayLines } from './replay-report.ts';

export const REPLAY_HELP = `Usage: pyrycode-relay replay FILE [flags]

Takes a recording through the server chart again, and prints each event with the state after it.

  --server ID   only this server-id, as the recording names it
  --json        one JSON object a step, for programs
  --serve       show it on a page of this machine instead, with a scrubber, until Ctrl-C
  --help        print this

Exit: 0 when every state is as recorded, 1 when one is not, 2 when the file or the command line is wrong.
`;

interface ReplayOptions {
  readonly file: string;
  readonly server: string | undefined;
  readonly json: boolean;
  readonly serve: boolean;
}

/** @returns undefined if help is requested */
const readOptions = (args: readonly string[]): ReplayOptions | undefined => {
  const { texts, switches, positionals } = readCommandLine(args, ['server'], ['json', 'serve']);
  if (switches.has('help')) return undefined;
  const [file, extra] = positionals;
  if (file === undefined || extra !== undefined) {
    throw new ConfigError('replay takes one file, as pyrycode-relay record writes it; see --help');
  }
  return { file, server: texts.get('server'), json: switches.has('json'), serve: switches.has('serve') };
};

/** @throws ConfigError if the file is missing, not a regular file, or not a recording */
const readRecordingFile = async (file: string): Promise<Recording> => {
  const text = await readTextFile(file, MAX_RECORDING_BYTES);
  try {
    return readRecording(text);
  } catch (error) {
    if (error instanceof RecordingError) throw new ConfigError(`${file}: ${error.message}`);
    throw error;
  }
};

const choose = ({ servers }: Recording, wanted: string | undefined): readonly ServerRecording[] => {
  if (wanted === undefined) return servers;
  const chosen = servers.filter(({ serverId }) => serverId === wanted);
  if (chosen.length > 0) return chosen;
  throw new ConfigError(`--server: the recording has no such server-id; it has ${servers.length} others`);
};

const jsonLine = ({ recorded, replayed, taken: _taken, diverges, ...step }: ReplayStep): string =>
  JSON.stringify({ ...step, after: replayed, diverges, ...(diverges ? { recorded } : {}) });

/** Serves until interrupted. @returns the exit code */
const serve = async (recording: Recording, servers: readonly ServerRecording[]): Promise<number> => {
  const listener = createReplayListener(recording, servers);
  const { port } = await listen(listener, { host: '127.0.0.1', port: 0 });
  process.stdout.write(`the recording is at http://127.0.0.1:${port}/ until Ctrl-C\n`);
  await new Promise<void>((resolve) => onSignal(() => resolve()));
  await stopListening(listener, Promise.resolve());
  return 0;
};

/** @returns the exit code */
export const replay = async (args: readonly string[]): Promise<number> => {
  const options = readOptions(args);
  if (options === undefined) {
    process.stdout.write(REPLAY_HELP);
    return 0;
  }
  const recording = await readRecordingFile(options.file);
  const chosen = choose(recording, options.server);
  if (options.serve) return await serve(recording, chosen);
  const { header } = recording;
  const print = (line: string): unknown => process.stdout.write(`${line}\n`);
  const divergences: ReplayStep[] = [];
  if (!options.json) {
    print(`recorded ${header.recordedAt} by pyrycode-relay ${header.relay.replaceAll(/\p{C}/gu, '?')}`);
  }
  for (const server of chosen) {
    const steps = [...replayServer(server, header.config)];
    const lines = options.json ? steps.map(jsonLine) : ['', ...replayLines(server, steps)];
    for (const line of lines) print(line);
    const first = steps.find(({ diverges }) => diverges);
    if (first !== undefined) divergences.push(first);
  }
  if (!options.json) {
    print('');
    for (const divergence of divergences) print(divergenceLine(divergence));
    if (divergences.length === 0) print('every state is as recorded');
  }
  return divergences.length === 0 ? 0 : 1;
};
