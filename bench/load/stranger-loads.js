/** What strangers send to make a relay work: each load is cheap to make, and was dear to take. */
import { clientFrame } from './frames.js';

/**
 * @typedef {object} StrangerLoad
 * @property {string} name
 * @property {number} sockets
 * @property {import('./client.js').Path} [path] none: no upgrade, `repeated` starts with a request
 * @property {number} [servers] server-ids that the sockets share; default: a binary has one of its own, all phones share one
 * @property {Buffer} [opening] sent in one piece with the upgrade request
 * @property {Buffer} [repeated] sent again and again, as fast as it is taken
 * @property {boolean} [isByByte] sends `repeated` one byte at a time, in a segment each
 * @property {number} [redialSpreadMs] adds a random part to the pause before the next dial
 */

const KIB = 1024;
const PONG = 0x8a;
const TEXT_TO_BE_CONTINUED = 0x01;
const CONTINUATION = 0x00;
const LAST_CONTINUATION = 0x80;
const CLAIMANTS_EACH = 16;
const CLAIMED = 10;

const message = (/** @type {string} */ text, first = 0x81) => clientFrame(Buffer.from(text), first);

/** @param {Buffer} one */
const many = (one, bytes = 128 * KIB) => Buffer.concat(Array(Math.floor(bytes / one.length)).fill(one));

/** Valid, and not counted against a binary: older daemons answer a close notice with a directive for the phone that is gone. */
const UNKNOWN_CONN = message('{"conn_id":"c","frame":1}');

/** Below the number of fragments that closes a connection. */
const FRAGMENTS = many(message('', CONTINUATION), 72 * KIB);

/** `count` members that fill an envelope of 256 KiB. All of each key is escapes, of six bytes for one character. */
const escapedMembers = (/** @type {number} */ count) => {
  const keyEscapes = Math.floor((256 * KIB) / count / 6) - 2;
  const key = (/** @type {number} */ n) =>
    `\\u${n.toString(16).padStart(4, '0')}${'\\u0061'.repeat(keyEscapes - 1)}`;
  return message(`{${Array.from({ length: count }, (_, n) => `"${key(n)}":1`).join(',')}}`);
};

const HEALTH_REQUEST = Buffer.from('GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n');
const CHUNKED_REQUEST = Buffer.concat([
  Buffer.from('POST /healthz HTTP/1.1\r\nHost: bench\r\nTransfer-Encoding: chunked\r\n\r\n'),
  many(Buffer.from('1\r\nx\r\n')),
]);

/** @type {readonly StrangerLoad[]} */
export const STRANGER_LOADS = [
  { name: 'one binary, `{}`', path: '/v1/server', sockets: 1, repeated: many(message('{}')) },
  { name: '16 binaries, `{}`', path: '/v1/server', sockets: 16, repeated: many(message('{}')) },
  { name: '16 phones, `1`', path: '/v1/client', sockets: 16, repeated: many(message('1')) },
  { name: '16 binaries, pongs', path: '/v1/server', sockets: 16, repeated: many(message('', PONG)) },
  {
    name: '16 binaries, empty fragments',
    path: '/v1/server',
    sockets: 16,
    repeated: Buffer.concat([message('1', TEXT_TO_BE_CONTINUED), FRAGMENTS, message('', LAST_CONTINUATION)]),
  },
  {
    name: '16 binaries, push wakes',
    path: '/v1/server',
    sockets: 16,
    repeated: many(message('{"push_wake":1}')),
  },
  {
    name: '16 binaries, unknown conn ids',
    path: '/v1/server',
    sockets: 16,
    repeated: many(UNKNOWN_CONN),
  },
  {
    name: 'one binary, 256 KiB with 12,000 escaped keys',
    path: '/v1/server',
    sockets: 1,
    repeated: escapedMembers(12_000),
  },
  {
    name: 'one binary, 256 KiB with 15 escaped keys',
    path: '/v1/server',
    sockets: 1,
    repeated: escapedMembers(15),
  },
  {
    // One more per server-id: whoever comes first is the holder, and answers no probe. What they send is valid, or a claimant that
    // is admitted would be closed, and the next one would need no probe.
    name: `${CLAIMANTS_EACH * CLAIMED} claimants, 72 KB of tiny frames each`,
    path: '/v1/server',
    sockets: (CLAIMANTS_EACH + 1) * CLAIMED,
    servers: CLAIMED,
    opening: many(UNKNOWN_CONN, 72_000),
    // All that wait for one probe are closed together; dialling again together would measure a storm.
    redialSpreadMs: 1_000,
  },
  {
    name: '20 phones, messages in one-byte segments',
    path: '/v1/client',
    sockets: 20,
    servers: 2,
    repeated: message(`"${'x'.repeat(16 * KIB)}"`),
    isByByte: true,
  },
  { name: 'one socket, `GET /healthz` pipelined', sockets: 1, repeated: many(HEALTH_REQUEST) },
  { name: '16 sockets, `GET /healthz` pipelined', sockets: 16, repeated: many(HEALTH_REQUEST) },
  { name: '16 sockets, bodies in one-byte chunks', sockets: 16, repeated: CHUNKED_REQUEST },
];
