/** Serves the live page and its stream. Read-only: every route answers GET and changes nothing. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
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
const TOO_MANY = plainText(503, 'too many pages are open already\n');

export interface InspectRoutes {
  readonly inspector: Inspector;
  /** The body of `/recording`, as NDJSON. */
  readonly recording: (keepIds: boolean) => string;
}

export const createInspectListener = ({ inspector, recording }: InspectRoutes): Server => {
  const files = readPageFiles();

  const stream = (response: ServerResponse, serverId: string | null): void => {
    response.writeHead(200, { ...PAGE_HEADERS, 'Content-Type': 'text/event-stream; charset=utf-8' });
    response.flushHeaders();
    inspector.watch(response, serverId);
  };

  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    if (!mayLook(request.headers)) return answer(response, FOREIGN);
    if (request.method !== 'GET') return answer(response, NOT_GET);
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/events') {
      if (inspector.isFull) return answer(response, TOO_MANY);
      return stream(response, url.searchParams.get('server'));
    }
    if (url.pathname === '/recording') {
      const body = recording(url.searchParams.get('keep-ids') === '1');
      const headers = { ...PAGE_HEADERS, 'Content-Type': 'application/x-ndjson; charset=utf-8' };
      return answer(response, { status: 200, headers, body });
    }
    return respondWithFile(response, files.get(url.pathname));
  };

  return createServer(serverOptions, (request, response) => {
    try {
      respond(request, response);
    } catch {
      // A target that is no URL.
      answer(response, NOT_FOUND);
    }
  });
};
