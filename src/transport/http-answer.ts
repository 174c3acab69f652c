/** Plain HTTP answers, the same for ordinary requests and for upgrade requests, for which Node gives a raw socket. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The headers of Go's `http.Error`: clients of the Go relay may look at the type. */
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

/**
 * Answers an upgrade request and ends its connection. Written to the socket directly, because the response object of an earlier
 * pipelined request may still own it.
 */
export const answerUpgrade = (socket: Duplex, { status, headers, body }: HttpAnswer): void => {
  socket.on('error', () => {});
  const fields = { Connection: 'close', ...headers, 'Content-Length': String(Buffer.byteLength(body)) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
  // Ends both halves: the peer could keep its own open for ever.
  if (socket instanceof Socket) socket.destroySoon();
};
