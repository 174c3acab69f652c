/** `pyrycode-relay replay --serve`: the live page over a recording, with a scrubber. */
import type { Server } from 'node:http';
import { createHttpListener, type ListenerHooks } from '../transport/http-listener.ts';
import { readPageFiles } from './page-files.ts';
import { respondWithFile } from './page-response.ts';
import type { Recording, ServerRecording } from './recording.ts';
import { replayServer } from './replay.ts';
import type { ReplayPage, ReplayPageStep } from './replay-page-data.ts';
import { ReplayTimeline } from './replay-timeline.ts';

const stepsOf = (recording: Recording, server: ServerRecording): ReplayPageStep[] => {
  const timeline = new ReplayTimeline(server);
  return [...replayServer(server, recording.header.config)].map((step) => {
    const events = timeline.describe(step);
    const { replayed, recorded, diverges } = step;
    return { events, after: replayed, recorded: diverges ? recorded : null };
  });
};

const pageOf = (recording: Recording, servers: readonly ServerRecording[]): ReplayPage => ({
  recordedAt: recording.header.recordedAt,
  relay: recording.header.relay,
  maxPhones: recording.header.config.maxPhones,
  servers: servers.map((server) => ({
    serverId: server.serverId,
    before: server.before,
    steps: stepsOf(recording, server),
  })),
});

/** A fault ends the command: it serves nobody else. */
const NOBODY_COUNTS: ListenerHooks = {
  onRefused: () => {},
  contain: (act) => {
    act();
    return true;
  },
};

/** @throws Error if the page's files are not beside the program */
export const createReplayListener = (recording: Recording, servers: readonly ServerRecording[]): Server => {
  const files = new Map(readPageFiles());
  if (files.size === 0) throw new Error('the page is not beside this program');
  const index = files.get('/')?.body.toString().replace('<body>', '<body data-mode="replay">') ?? '';
  files.set('/', { type: 'text/html; charset=utf-8', body: Buffer.from(index) });
  const body = Buffer.from(JSON.stringify(pageOf(recording, servers)));
  files.set('/replay.json', { type: 'application/json; charset=utf-8', body });
  return createHttpListener({
    ...NOBODY_COUNTS,
    isLocalOnly: true,
    onRequest: ({ target }, response) => respondWithFile(response, files.get(target.path)),
  });
};
