/** A minimal WebSocket client: load generation must not take CPU from the measured process. */
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { clientFrame, FrameReader } from './frames.js';

export const HEAD_END = Buffer.from('\r\n\r\n');
const PING = 9;
const PONG_FIRST = 0x8a;
/** Loopback source addresses, used in rotation. A single one has ports for only 28,000 connections, including TIME_WAIT. */
const SOURCES = 8;
let dials = 0;
/** @type {Set<number>} */
const tlsPorts = new Set();

/** Dials this port with TLS from now on. @param {number} port */
export const speakTls = (port) => void tlsPorts.add(port);

/** @param {number} port on loopback */
export const connectTo = (port) =>
  connect({ host: '127.0.0.1', port, localAddress: `127.0.0.${1 + (dials++ % SOURCES)}`, noDelay: true });

/** @typedef {'/v1/server' | '/v1/client'} Path */

/**
 * @param {Path} path
 * @param {string} serverId
 */
export const upgradeRequest = (path, serverId) =>
  `GET ${path} HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUser-Agent: bench\r\n' +
  `X-Pyrycode-Server: ${serverId}\r\nX-Pyrycode-Version: bench\r\nX-Pyrycode-Token: bench\r\n\r\n`;

/**
 * @typedef {object} Client
 * @property {import('node:net').Socket} socket
 * @property {() => void} reset ends TCP with a reset
 * @property {(frame: Uint8Array) => void} send sends an encoded frame
 * @property {(listener: (payload: Buffer) => void) => void} onMessage
 */

/**
 * Dials and completes the handshake.
 * @param {number} port
 * @param {Path} path
 * @param {string} serverId
 * @returns {Promise<Client>}
 */
export const dial = (port, path, serverId) =>
  new Promise((resolve, reject) => {
    const tcp = connectTo(port);
    const socket = tlsPorts.has(port) ? connectTls({ socket: tcp, rejectUnauthorized: false }) : tcp;
    /** @type {(payload: Buffer) => void} */
    let listener = () => {};
    const reader = new FrameReader(
      (payload) => listener(payload),
      (opcode, payload) => {
        if (opcode === PING) socket.write(clientFrame(payload, PONG_FIRST));
      },
    );
    let head = Buffer.alloc(0);
    /** @param {Buffer} chunk */
    const readHead = (chunk) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(HEAD_END);
      if (end === -1) return;
      socket.off('data', readHead);
      if (!head.toString('latin1', 0, 12).endsWith('101')) {
        reject(new Error(`no upgrade: ${head.toString('latin1', 0, end)}`));
        return;
      }
      socket.on('data', (bytes) => reader.push(bytes));
      resolve({
        socket,
        reset: () => void tcp.resetAndDestroy(),
        send: (frame) => void socket.write(frame),
        onMessage: (next) => {
          listener = next;
        },
      });
      const rest = head.subarray(end + HEAD_END.length);
      if (rest.length > 0) reader.push(rest);
    };
    socket.on('data', readHead);
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('closed during the handshake')));
    socket.write(upgradeRequest(path, serverId));
  });
