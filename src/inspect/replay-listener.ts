/** `pyrycode-relay replay --serve`: the live page over a recording, with a scrubber. */
import type { Server } from 'node:http';
import { createHttpListener, type ListenerHooks } from '../transport/http-listener.ts';
import { readPageFiles } from './page-files.ts';
import { respondWithFile } from './page-response.ts';

/** A fault ends the command: it serves nobody else. */
const NOBODY_COUNTS: ListenerHooks = {
  onRefused: () => {},
  contain: (act) => {
    act();
    return true;
  },
};

/**
 * @param body what `replayPage` returns
 * @throws Error if the page's files are not beside the program
 */
export const createReplayListener = (body: Buffer): Server => {
  const files = new Map(readPageFiles());
  if (files.size === 0) throw new Error('the page is not beside this program');
  const index = files.get('/')?.body.toString().replace('<body>', '<body data-mode="replay">') ?? '';
  files.set('/', { type: 'text/html; charset=utf-8', body: Buffer.from(index) });
  files.set('/replay.json', { type: 'application/json; charset=utf-8', body });
  return createHttpListener({
    ...NOBODY_COUNTS,
    isLocalOnly: true,
    onRequest: ({ target }, response) => respondWithFile(response, files.get(target.path)),
  });
};
