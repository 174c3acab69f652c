/** Plain HTTP answers, alike for ordinary requests and for upgrade requests, whose socket Node hands over raw. */
import { type IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** As Go's `http.Error` writes it: clients of the Go relay may look at the type. */
export const plainText = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff', ...headers },
  body,
});

export const NOT_FOUND = plainText(404, '404 page not found\n');
/** The body is one newline (spec section 1, "HTTP statuses"). */
export const BAD_HEADERS = plainText(400, '\n');

export const answer = (response: ServerResponse, { status, headers, body }: HttpAnswer): void => {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
};

/** Answers a request that came with an Upgrade header, and ends its connection. */
export const answerUpgrade = (request: IncomingMessage, socket: Duplex, what: HttpAnswer): void => {
  const ignoreReset = (): void => {};
  socket.on('error', ignoreReset);
  if (!(socket instanceof Socket)) {
    socket.destroy();
    return;
  }
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => {
    response.detachSocket(socket);
    socket.destroySoon();
  });
  answer(response, what);
};
