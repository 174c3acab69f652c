/** Serves the live page and its stream. Read-only: only GET is answered, and no route changes anything. */
import type { Server, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { visibleJson } from '../protocol/visible-text.ts';
import { answer, plainText } from '../transport/http-answer.ts';
import { createHttpListener, type HttpRequest, type ListenerHooks } from '../transport/http-listener.ts';
import { RECORDING_DEADLINE_MS, RECORDING_SLICE_BYTES } from './inspect-limits.ts';
import type { Inspector } from './inspector.ts';
import type { PageFile } from './page-files.ts';
import { PAGE_HEADERS } from './page-headers.ts';
import { respondWithFile } from './page-response.ts';
import type { WrittenRecording } from './write-recording.ts';

const NOT_GET = plainText(405, 'this page is read-only\n', { Allow: 'GET' });
const BUSY = plainText(503, 'a recording is being written already\n');
const FAILED = plainText(500, 'this could not be made\n');
const NO_PAGE = plainText(503, 'the page is not beside this program; /events and /recording are served\n');

export interface InspectRoutes {
  readonly inspector: Inspector;
  /** The page, by URL path. */
  readonly files: ReadonlyMap<string, PageFile>;
  /** The body of `/recording`, as NDJSON. */
  readonly recording: (keepIds: boolean) => WrittenRecording;
}

async function* inSlices(lines: Iterable<string>): AsyncGenerator<string> {
  let slice: string[] = [];
  let chars = 0;
  for (const line of lines) {
    slice.push(line);
    chars += line.length;
    if (chars < RECORDING_SLICE_BYTES) continue;
    yield slice.join('');
    slice = [];
    chars = 0;
    await setImmediate();
  }
  yield slice.join('');
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
  /** Writes in slices, as fast as the client reads, so that neither a large recording nor a slow client holds the relay up. */
  const sendRecording = async (response: ServerResponse, keepIds: boolean): Promise<void> => {
    if (isRecording) return answer(response, BUSY);
    const { lines, end } = recording(keepIds);
    isRecording = true;
    const late = setTimeout(() => response.destroy(), RECORDING_DEADLINE_MS);
    try {
      response.writeHead(200, {
        ...PAGE_HEADERS,
        'Content-Type': 'application/x-ndjson; charset=utf-8',
        Connection: 'close',
      });
      await pipeline(inSlices(lines), response);
    } catch {
      // The client has left or is too slow, or a line could not be made: the pipeline has cut the answer.
    } finally {
      clearTimeout(late);
      end();
      isRecording = false;
    }
  };

  const onRequest = ({ method, target }: HttpRequest, response: ServerResponse): void => {
    if (method !== 'GET') return answer(response, NOT_GET);
    const query = new URLSearchParams(target.query);
    if (target.path === '/events') return stream(response, query.get('server'));
    if (target.path === '/past') {
      const past = inspector.past(query.get('server') ?? '');
      const body = Buffer.from(visibleJson(JSON.stringify(past)));
      return respondWithFile(response, { type: 'application/json; charset=utf-8', body });
    }
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
