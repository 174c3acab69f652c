/** Plain HTTP answers to ordinary requests and to upgrade requests. For the latter Node provides only a stream. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { RequestStream } from './request-stream.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The headers of Go's `http.Error`: clients of the Go relay may check the type. */
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
/** No connection is kept: `Connection: close`, beside what the answer itself says there. */
const fieldsOf = ({ headers, body }: HttpAnswer): Record<string, string> => {
  const { Connection: options, ...others } = headers;
  return {
    ...others,
    Connection: options === undefined ? 'close' : `${options}, close`,
    'Content-Length': String(Buffer.byteLength(body)),
  };
};

export const answer = (response: ServerResponse, given: HttpAnswer): void => {
  response.writeHead(given.status, fieldsOf(given));
  response.end(given.body);
};

const messageOf = (given: HttpAnswer, method: string): string => {
  const lines = Object.entries(fieldsOf(given)).map(([name, value]) => `${name}: ${value}\r\n`);
  // The answer to a HEAD has the length of the body, and no body (RFC 9110 section 9.3.2).
  const body = method === 'HEAD' ? '' : given.body;
  return `HTTP/1.1 ${given.status} ${STATUS_CODES[given.status] ?? ''}\r\n${lines.join('')}\r\n${body}`;
};

/**
 * Answers what has no `ServerResponse`, an upgrade request or what is no request, and ends its connection.
 * @param method '' if no request was read
 */
export const answerStream = (stream: RequestStream, given: HttpAnswer, method = ''): void => {
  // Node listens no longer once it has handed the stream over. 'close' follows.
  stream.on('error', () => {});
  stream.discardRest();
  stream.end(messageOf(given, method));
};
