/** Differences in what a refused request gets, and in what becomes of its connection. */
import type { Difference, Question } from './difference.ts';
import type { Answer, RequestHead } from './raw-connection.ts';

/** What follows these differs between versions of a parser. */
const BEGINNINGS = ['WebSocket protocol violation: ', 'not an HTTP/1.1 request: '];

const shown = ({ status, body }: Answer): string => {
  const known = BEGINNINGS.find((beginning) => body.startsWith(beginning));
  return `HTTP ${status} ${JSON.stringify(known === undefined ? body : `${known}…`)}`;
};

const refusedTwice: Question['ask'] = async (asker) => {
  const connection = asker.open();
  // Without its routing headers.
  connection.request('phone', { headers: ['Connection: Upgrade', 'Upgrade: websocket'] });
  const first = await connection.status();
  connection.request('phone', { target: '/nowhere', headers: [] });
  const next = await connection.nextStatus();
  return `HTTP ${first}, then ${next === '404' ? 'the next answer' : next}`;
};

/** @returns the status and the body of the answer to a phone's handshake */
const bodyOf =
  (head: RequestHead): Question['ask'] =>
  async (asker) => {
    const phone = asker.open();
    phone.request('phone', head);
    return shown(await phone.answer());
  };

const nextRequest: Question['ask'] = async (asker) => {
  const connection = asker.open();
  for (const _ of ['first', 'second']) connection.request('phone', { target: '/healthz', headers: [] });
  await connection.status();
  const next = await connection.nextStatus();
  return /^\d/.test(next) ? 'both answered' : `one answered, then ${next}`;
};

const noRequest: Question['ask'] = async (asker) => {
  const connection = asker.open();
  connection.write('conformance\r\n\r\n');
  return shown(await connection.answer());
};

export const REFUSAL_DIFFERENCES: readonly Difference[] = [
  {
    id: 'refused-upgrade',
    section: 'Before the upgrade',
    what: 'The connection of a refused upgrade (400, 404, 405, 426)',
    go: 'kept for the next request',
    here: 'closed behind the answer, which says `Connection: close`',
    why: 'an answer must never arrive inside a WebSocket stream, and who is refused holds no socket',
    question: {
      ask: refusedTwice,
      go: 'HTTP 400, then the next answer',
      here: 'HTTP 400, then closed',
    },
  },
  {
    id: 'body-of-a-400',
    section: 'Before the upgrade',
    what: 'Body of a 400 for a routing header',
    go: 'one newline',
    here: "`User-Agent is missing` and the like: the header's name, never a value",
    why: 'who writes a client sees what it lacks',
    question: {
      ask: bodyOf({ headers: ['X-Pyrycode-Server: conformance'] }),
      go: String.raw`HTTP 400 "\n"`,
      here: String.raw`HTTP 400 "X-Pyrycode-Token is missing\n"`,
    },
  },
  {
    id: 'body-of-a-426',
    section: 'Before the upgrade',
    what: 'Body of a 400, 405 or 426 for the handshake itself',
    go: 'what the library found, with what the client sent',
    here: 'what is required; a 405 has `Allow: GET` too',
    why: 'no answer repeats what a client sent',
    question: {
      ask: bodyOf({ headers: ['X-Pyrycode-Server: conformance', 'X-Pyrycode-Token: conformance'] }),
      go: 'HTTP 426 "WebSocket protocol violation: …"',
      here: String.raw`HTTP 426 "this is a WebSocket endpoint: HTTP/1.1, Connection: Upgrade and Upgrade: websocket are required\n"`,
    },
  },
  {
    id: 'no-request',
    section: 'Before the upgrade',
    what: 'What is no request (408, 400, 431)',
    go: 'the status as text, or closed; uncounted',
    here: 'a line of text that says why; counted and logged as the other refusals',
    why: 'the operator sees it',
    question: {
      ask: noRequest,
      go: 'HTTP 400 "400 Bad Request"',
      here: 'HTTP 400 "not an HTTP/1.1 request: …"',
    },
  },
  {
    id: 'requests-per-connection',
    section: 'Before the upgrade',
    what: 'Requests per connection',
    go: 'any number',
    here: 'one; answers carry `Connection: close`, and what follows the first request is discarded, an upgrade too',
    why: 'one read can hold thousands of requests, and an answer must never arrive inside a WebSocket stream',
    question: { ask: nextRequest, go: 'both answered', here: 'one answered, then closed' },
  },
];
