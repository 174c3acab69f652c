/** Serves the live page and its stream. Read-only: only GET is answered, and no route changes anything. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { answer, NOT_FOUND, plainText } from '../transport/http-answer.ts';
import { serverOptions } from '../transport/http-server-options.ts';
import type { Inspector } from './inspector.ts';
import { mayLook, PAGE_HEADERS } from './page-access.ts';
import { readPageFiles } from './page-files.ts';
import { respondWithFile } from './page-response.ts';

const FOREIGN = plainText(
  403,
  'this page answers only to 127.0.0.1, [::1] or localhost, and to no other origin\n',
);
const NOT_GET = plainText(405, 'this page is read-only\n', { Allow: 'GET' });
const BUSY = plainText(503, 'a recording is being written already\n');

export interface InspectRoutes {
  readonly inspector: Inspector;
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

export const createInspectListener = ({ inspector, recording }: InspectRoutes): Server => {
  const files = readPageFiles();

  const stream = (response: ServerResponse, serverId: string | null): void => {
    // Pipelined behind another response: the stream could not start, and its end would go unnoticed.
    if (response.socket === null) {
      response.destroy();
      return;
    }
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
    isRecording = true;
    response.writeHead(200, { ...PAGE_HEADERS, 'Content-Type': 'application/x-ndjson; charset=utf-8' });
    try {
      await pipeline(inPieces(recording(keepIds)), response);
    } catch {
      // The client disconnected.
    } finally {
      isRecording = false;
    }
  };

  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    if (!mayLook(request.headers)) return answer(response, FOREIGN);
    if (request.method !== 'GET') return answer(response, NOT_GET);
    const target = request.url ?? '/';
    if (!URL.canParse(target, 'http://localhost')) return answer(response, NOT_FOUND);
    const url = new URL(target, 'http://localhost');
    if (url.pathname === '/events') {
      return stream(response, url.searchParams.get('server'));
    }
    if (url.pathname === '/recording') {
      void sendRecording(response, url.searchParams.get('keep-ids') === '1');
      return undefined;
    }
    return respondWithFile(response, files.get(url.pathname));
  };

  return createServer(serverOptions, respond);
};
