/** Serves the live page and its stream. Read-only: only GET is answered, and no route changes anything. */
import type { Server, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { answer, plainText } from '../transport/http-answer.ts';
import { createHttpListener, type HttpRequest, type ListenerHooks } from '../transport/http-listener.ts';
import type { Inspector } from './inspector.ts';
import type { PageFile } from './page-files.ts';
import { PAGE_HEADERS } from './page-headers.ts';
import { respondWithFile } from './page-response.ts';

const NOT_GET = plainText(405, 'this page is read-only\n', { Allow: 'GET' });
const BUSY = plainText(503, 'a recording is being written already\n');
const FAILED = plainText(500, 'this could not be made\n');
const NO_PAGE = plainText(503, 'the page is not beside this program; /events and /recording are served\n');

export interface InspectRoutes {
  readonly inspector: Inspector;
  /** The page, by URL path. */
  readonly files: ReadonlyMap<string, PageFile>;
  /** The body of `/recording`, as NDJSON. */
  readonly recording: (keepIds: boolean) => Iterable<string>;
}

/** Recording lines written per turn of the event loop. */
const LINES_AT_ONCE = 200;

async function* inPieces(lines: Iterable<string>): AsyncGenerator<string> {
  let piece: string[] = [];
  for (const line of lines) {
    piece.push(line);
    if (piece.length < LINES_AT_ONCE) continue;
    yield piece.join('');
    piece = [];
    await setImmediate();
  }
  yield piece.join('');
}

export const createInspectListener = (
  { inspector, files, recording }: InspectRoutes,
  hooks: ListenerHooks,
): Server => {
  const stream = (response: ServerResponse, serverId: string | null): void => {
    response.writeHead(200, {
      ...PAGE_HEADERS,
      'Content-Type': 'text/event-stream; charset=utf-8',
      Connection: 'close',
    });
    response.flushHeaders();
    if (inspector.isFull) response.end('event: full\ndata: {}\n\n');
    else inspector.watch(response, serverId);
  };

  let isRecording = false;
  /** Writes in chunks and yields between them, so that a large recording does not block the relay. */
  const sendRecording = async (response: ServerResponse, keepIds: boolean): Promise<void> => {
    if (isRecording) return answer(response, BUSY);
    const lines = recording(keepIds);
    isRecording = true;
    response.writeHead(200, {
      ...PAGE_HEADERS,
      'Content-Type': 'application/x-ndjson; charset=utf-8',
      Connection: 'close',
    });
    try {
      await pipeline(inPieces(lines), response);
    } catch {
      // The client has left, or a line could not be made: the pipeline has cut the answer.
    } finally {
      isRecording = false;
    }
  };

  const onRequest = ({ method, target }: HttpRequest, response: ServerResponse): void => {
    if (method !== 'GET') return answer(response, NOT_GET);
    const query = new URLSearchParams(target.query);
    if (target.path === '/events') return stream(response, query.get('server'));
    if (target.path === '/recording') {
      sendRecording(response, query.get('keep-ids') === '1').catch(() => {
        // A failed answer must still end.
        if (response.headersSent) response.destroy();
        else answer(response, FAILED);
      });
      return undefined;
    }
    if (target.path === '/' && files.size === 0) return answer(response, NO_PAGE);
    return respondWithFile(response, files.get(target.path));
  };

  return createHttpListener({ ...hooks, isLocalOnly: true, onRequest });
};
