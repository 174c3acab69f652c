/** Differences that odd requests show. */
import type { Difference, Question } from './difference.ts';
import type { RequestHead } from './raw-connection.ts';

/** @returns the status of the answer to a handshake */
const asking =
  (head: RequestHead, role: 'binary' | 'phone' = 'phone'): Question['ask'] =>
  async (asker) => {
    const connection = asker.open();
    connection.request(role, head);
    return `HTTP ${await connection.status()}`;
  };

const UPGRADED = 'HTTP 101';

export const REQUEST_DIFFERENCES: readonly Difference[] = [
  {
    id: 'percent-encoded-path',
    section: 'Before the upgrade',
    what: 'A path with percent-encoding, `/v1/%63lient`',
    go: 'decoded, then matched',
    here: '404',
    why: 'two spellings are two paths, and a proxy in front may match only one',
    question: { ask: asking({ target: '/v1/%63lient' }), go: UPGRADED, here: 'HTTP 404' },
  },
  {
    id: 'doubled-slash',
    section: 'Before the upgrade',
    what: 'A path with doubled slashes or dots, `/v1//client`, `/v1/./client`',
    go: '307 to the clean path',
    here: '404',
    why: 'the same; no client follows a redirect of a handshake',
    question: { ask: asking({ target: '/v1//client' }), go: 'HTTP 307', here: 'HTTP 404' },
  },
  {
    id: 'bare-line-feed',
    section: 'Before the upgrade',
    what: 'Lines that end in a bare LF',
    go: 'accepted',
    here: '400',
    why: 'who reads line ends differently from a proxy in front reads other requests (RFC 9112 section 11.2)',
    question: { ask: asking({ lineEnd: '\n' }), go: UPGRADED, here: 'HTTP 400' },
  },
  {
    id: 'folded-header',
    section: 'Before the upgrade',
    what: 'A header folded over two lines',
    go: 'joined',
    here: '400',
    why: 'RFC 9112 section 5.2 lets a server refuse it; no client folds',
    question: { ask: asking({ extra: ['X-Folded: a', ' b'] }), go: UPGRADED, here: 'HTTP 400' },
  },
  {
    id: 'connect',
    section: 'Before the upgrade',
    what: 'CONNECT',
    go: '404',
    here: '405, `Allow: GET`, with a line of text',
    why: 'it says that this is no proxy',
    question: {
      ask: asking({ method: 'CONNECT', target: 'conformance.invalid:443', headers: [] }),
      go: 'HTTP 404',
      here: 'HTTP 405',
    },
  },
  {
    id: 'http2-without-tls',
    section: 'Before the upgrade',
    what: 'HTTP/2 without TLS (`PRI * HTTP/2.0`)',
    go: '400',
    here: '505 at once, with a line of text',
    why: 'who sets up a proxy sees what to change',
    question: {
      ask: async (asker) => {
        const connection = asker.open();
        connection.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
        return `HTTP ${await connection.status()}`;
      },
      go: 'HTTP 400',
      here: 'HTTP 505',
    },
  },
  {
    id: 'routing-header-twice',
    section: 'Before the upgrade',
    what: 'A routing header (`X-Pyrycode-Server`, `-Version`, `-Token`) sent twice',
    go: 'the first counts',
    here: '400',
    why: 'two hops on the way could read different ones',
    question: { ask: asking({ extra: ['X-Pyrycode-Token: another'] }), go: UPGRADED, here: 'HTTP 400' },
  },
  {
    id: 'long-server-id',
    section: 'Before the upgrade',
    what: 'Server-id',
    go: 'any length, any bytes',
    here: 'at most 128 bytes of UTF-8, else 400',
    why: 'it becomes a map key and a log field',
    question: {
      ask: asking({ serverId: `conformance-${'x'.repeat(128)}` }),
      go: UPGRADED,
      here: 'HTTP 400',
    },
  },
  {
    id: 'long-version',
    section: 'Before the upgrade',
    what: 'Version',
    go: 'any length',
    here: 'at most 64 bytes, else 400',
    why: 'it becomes a log field',
    question: {
      ask: asking({ binaryVersion: 'x'.repeat(65) }, 'binary'),
      go: UPGRADED,
      here: 'HTTP 400',
    },
  },
  {
    id: 'long-head',
    section: 'Before the upgrade',
    what: 'Request head',
    go: '1 MiB, then 431',
    here: '16 KiB, then 431',
    why: 'no client sends more than a few hundred bytes',
    question: {
      ask: asking({ extra: [`X-Long: ${'x'.repeat(20 * 1024)}`] }),
      go: UPGRADED,
      here: 'HTTP 431',
    },
  },
  {
    id: 'request-with-a-body',
    section: 'Before the upgrade',
    what: 'A request with a body (`Content-Length` above 0, `Transfer-Encoding`), on any listener',
    go: 'read, or taken for WebSocket frames behind a handshake',
    here: '400',
    why: 'no route takes a body, and none must reach a daemon as frames',
    question: {
      ask: async (asker) => {
        const phone = asker.open();
        phone.request('phone', { extra: ['Content-Length: 2'] });
        phone.write('{}');
        return `HTTP ${await phone.status()}`;
      },
      go: UPGRADED,
      here: 'HTTP 400',
    },
  },
  {
    id: 'origin-that-is-no-url',
    section: 'Before the upgrade',
    what: 'An `Origin` that is not a URL',
    go: '403',
    here: 'accepted, as both accept any other origin',
    why: 'no client sends an `Origin`, and a page in a browser cannot set the routing headers',
    question: {
      ask: async (asker) => {
        const head = { extra: ['Origin: http://%'] };
        return `${await asking(head)(asker)}, a binary ${await asking(head, 'binary')(asker)}`;
      },
      go: 'HTTP 403, a binary HTTP 403',
      here: 'HTTP 101, a binary HTTP 101',
    },
  },
  {
    id: 'options',
    section: 'Before the upgrade',
    what: '`OPTIONS *`',
    go: '200, empty',
    here: '404',
    why: 'it is no route',
    question: {
      ask: asking({ method: 'OPTIONS', target: '*', headers: [] }),
      go: 'HTTP 200',
      here: 'HTTP 404',
    },
  },
  {
    id: 'http-version',
    section: 'Before the upgrade',
    what: 'A version of HTTP that does not exist (`HTTP/1.2`, `HTTP/3.0`)',
    go: '1.2 is taken for 1.1; any other gets 505',
    here: '400',
    why: 'no client sends one',
    question: { ask: asking({ httpVersion: '1.2' }), go: UPGRADED, here: 'HTTP 400' },
  },
];
