/** Differences that odd requests show. */
import type { Difference, Question } from './difference.ts';
import type { RequestHead } from './raw-connection.ts';

/** @returns the status of the answer to a phone's handshake */
const asking =
  (head: RequestHead): Question['ask'] =>
  async (dialler) => {
    const phone = dialler.open();
    phone.request('phone', head);
    return `HTTP ${await phone.status()}`;
  };

const REFUSED: Question['ask'] = async (dialler) => {
  const connection = dialler.open();
  // Without its routing headers.
  connection.request('phone', { headers: ['Connection: Upgrade', 'Upgrade: websocket'] });
  const first = await connection.status();
  connection.request('phone', { target: '/nowhere', headers: [] });
  const next = await connection.nextStatus();
  return `HTTP ${first}, then ${next === '404' ? 'the next answer' : next}`;
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
      ask: async (dialler) => {
        const connection = dialler.open();
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
      ask: asking({
        headers: [
          `X-Pyrycode-Server: conformance-${'x'.repeat(128)}`,
          'X-Pyrycode-Token: conformance',
          'Connection: Upgrade',
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        ],
      }),
      go: UPGRADED,
      here: 'HTTP 400',
    },
  },
  {
    id: 'refused-upgrade',
    section: 'Before the upgrade',
    what: 'The connection of a refused upgrade (400, 404, 405, 426)',
    go: 'kept for the next request',
    here: 'closed behind the answer, which says `Connection: close`',
    why: 'an answer must never arrive inside a WebSocket stream, and who is refused holds no socket',
    question: {
      ask: REFUSED,
      go: 'HTTP 400, then the next answer',
      here: 'HTTP 400, then closed',
    },
  },
];
