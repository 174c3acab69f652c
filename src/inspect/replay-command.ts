/** `pyrycode-relay replay FILE`: replays a recording and reports where the chart now behaves differently. */
import { readCommandLine } from '../config/command-line.ts';
import { ConfigError } from '../config/read-config.ts';
import { visibleJson, visibleText } from '../protocol/visible-text.ts';
import { onSignal } from '../signals.ts';
import { listen, stopListening } from '../transport/listening.ts';
import { print } from './print.ts';
import { openRecording, type RecordingFile } from './recording-file.ts';
import { type ReplayStep, ServerReplay } from './replay.ts';
import { createReplayListener } from './replay-listener.ts';
import { replayPage } from './replay-page-body.ts';
import { divergenceLine, ServerReport } from './replay-report.ts';
import { serverRecordings } from './server-recordings.ts';

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

const jsonLine = ({ recorded, replayed, taken: _taken, diverges, ...step }: ReplayStep): string =>
  visibleJson(JSON.stringify({ ...step, after: replayed, diverges, ...(diverges ? { recorded } : {}) }));

/** Serves until interrupted. @returns the exit code */
const serve = async (recording: RecordingFile, wanted: string | undefined): Promise<number> => {
  const { header, parts } = recording;
  const listener = createReplayListener(await replayPage(header, serverRecordings(parts(), wanted)));
  const { port } = await listen(listener, { host: '127.0.0.1', port: 0 });
  process.stdout.write(`the recording is at http://127.0.0.1:${port}/ until Ctrl-C\n`);
  await new Promise<void>((resolve) => onSignal(() => resolve()));
  await stopListening(listener, Promise.resolve());
  return 0;
};

/** Each step is printed as it is replayed: a recording is never held as a whole. @returns the exit code */
const printSteps = async (
  { header, parts }: RecordingFile,
  { server: wanted, json }: ReplayOptions,
): Promise<number> => {
  /** One line a server-id, for the first. */
  const divergences: string[] = [];
  if (!json) {
    await print(`recorded ${header.recordedAt} by pyrycode-relay ${visibleText(header.relay)}`);
  }
  let chart: ServerReplay | undefined;
  let report: ServerReport | undefined;
  let hasDiverged = false;
  for await (const part of parts()) {
    if (part.kind === 'server') {
      await print(...(report?.end() ?? []));
      const isWanted = wanted === undefined || part.server.serverId === wanted;
      chart = isWanted ? new ServerReplay(part.server, header.config) : undefined;
      report = isWanted && !json ? new ServerReport(part.server) : undefined;
      hasDiverged = false;
      if (report !== undefined) await print('');
    } else if (part.kind === 'record' && chart !== undefined) {
      const step = chart.step(part.record);
      if (json) await print(jsonLine(step));
      else await print(...(report?.add(step) ?? []));
      if (step.diverges && !hasDiverged) divergences.push(divergenceLine(step));
      hasDiverged ||= step.diverges;
    }
  }
  await print(...(report?.end() ?? []));
  if (!json) {
    await print('');
    for (const line of divergences) await print(line);
    if (divergences.length === 0) await print('every state is as recorded');
  }
  return divergences.length === 0 ? 0 : 1;
};

/** @returns the exit code */
export const replay = async (args: readonly string[]): Promise<number> => {
  const options = readOptions(args);
  if (options === undefined) {
    process.stdout.write(REPLAY_HELP);
    return 0;
  }
  const { file, server: wanted } = options;
  const recording = await openRecording(file);
  try {
    const { serverIds } = recording;
    if (wanted !== undefined && !serverIds.has(wanted)) {
      throw new ConfigError(`--server: the recording has no such server-id; it has ${serverIds.size} others`);
    }
    return options.serve ? await serve(recording, wanted) : await printSteps(recording, options);
  } finally {
    await recording.close();
  }
};
