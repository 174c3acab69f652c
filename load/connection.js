/** A WebSocket connection to any relay, near or far: says exactly how it ended. */
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { clientFrame, FrameReader } from '../bench/load/frames.js';

const HEAD_END = '\r\n\r\n';
const MAX_HEAD_BYTES = 16_384;
const DIAL_TIMEOUT_MS = 20_000;
/** A relay has 5 s for a close frame, and 5 s for the answer. */
const CLOSE_TIMEOUT_MS = 15_000;
const [CLOSE, PING] = [8, 9];
const [CLOSE_FIRST, PING_FIRST, PONG_FIRST] = [0x88, 0x89, 0x8a];
const NO_STATUS = 1005;
/** No close frame came: the connection was cut. */
export const CUT = 1006;
/** Loopback addresses to dial from, in rotation: one has ports for 28,000 connections to a listener. */
const LOOPBACK_SOURCES = 32;
let dials = 0;

/** @typedef {'/v1/server' | '/v1/client'} Path */

/**
 * @typedef {object} Target
 * @property {boolean} isTls
 * @property {string} host
 * @property {number} port
 * @property {string} path before `/v1/...`, without a slash at the end
 * @property {string | undefined} ca certificate authorities in PEM, instead of the system's
 * @property {string | undefined} token for `X-Pyrycode-Relay-Token`
 */

/**
 * @param {Target} target
 * @param {Path} path
 * @param {string} serverId
 */
export const upgradeRequest = ({ host, port, path: base, token }, path, serverId) =>
  `GET ${base}${path} HTTP/1.1\r\nHost: ${host.includes(':') ? `[${host}]` : host}:${port}\r\n` +
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUser-Agent: pyrycode-relay-load\r\n' +
  `X-Pyrycode-Server: ${serverId}\r\nX-Pyrycode-Version: load\r\nX-Pyrycode-Token: load\r\n` +
  (token === undefined ? '' : `X-Pyrycode-Relay-Token: ${token}\r\n`) +
  '\r\n';

/** @param {number} code */
const closePayload = (code) => Buffer.from([code >> 8, code & 0xff]);

/** An upgraded connection. Answers pings and close frames by itself. */
export class Connection {
  /** @type {(payload: Buffer) => void} */
  onMessage = () => {};
  /** The code of the relay's close frame, 1005 if it has none, `CUT` if none came. @type {Promise<number>} */
  ended;
  isOpen = true;
  /** This side has closed or reset it. */
  isLeft = false;
  /** @type {number | undefined} */
  #code;
  #isCorked = false;
  #tcp;
  #socket;
  #reader = new FrameReader(
    (payload) => this.onMessage(payload),
    (opcode, payload) => this.#control(opcode, payload),
  );

  /**
   * @param {import('node:net').Socket} tcp
   * @param {import('node:net').Socket} socket the TLS socket over `tcp`, or `tcp` itself
   */
  constructor(tcp, socket) {
    this.#tcp = tcp;
    this.#socket = socket;
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        this.isOpen = false;
        resolve(this.#code ?? CUT);
      });
    });
  }

  /** @param {Buffer} rest bytes that came with the answer to the upgrade */
  read(rest) {
    if (rest.length > 0) this.#reader.push(rest);
    this.#socket.on('data', (bytes) => this.#reader.push(bytes)).resume();
  }

  /** Whether a close frame has come, or the end. */
  get isClosing() {
    return this.#code !== undefined || !this.isOpen;
  }

  /** @param {Uint8Array} payload of a text message. @returns {boolean} whether the socket takes more at once */
  send(payload) {
    return this.write(clientFrame(payload));
  }

  /** @param {Uint8Array} bytes as they go on the wire */
  write(bytes) {
    if (!this.isOpen || this.#socket.writableEnded) return false;
    if (!this.#isCorked) {
      // What one turn of the event loop sends leaves in one write.
      this.#isCorked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    return this.#socket.write(bytes);
  }

  get queuedBytes() {
    return this.#socket.writableLength;
  }

  ping() {
    this.write(clientFrame(Buffer.from('load'), PING_FIRST));
  }

  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  /** Sends a close frame. @param {number} code @returns {Promise<number>} how it ended */
  async close(code) {
    this.isLeft = true;
    this.write(clientFrame(closePayload(code), CLOSE_FIRST));
    this.#destroyLater();
    return await this.ended;
  }

  /** Ends TCP with a reset. */
  reset() {
    this.isLeft = true;
    // Node cannot reset a socket that was ended, and never closes it then.
    if (!this.#tcp.writableEnded) this.#tcp.resetAndDestroy();
    this.#socket.destroy();
  }

  #destroyLater() {
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS);
    void this.ended.then(() => clearTimeout(timer));
  }

  /**
   * @param {number} opcode
   * @param {Buffer} payload
   */
  #control(opcode, payload) {
    if (opcode === PING) this.write(clientFrame(payload, PONG_FIRST));
    if (opcode !== CLOSE || this.#code !== undefined) return;
    this.#code = payload.length >= 2 ? payload.readUInt16BE(0) : NO_STATUS;
    if (!this.isLeft) this.write(clientFrame(payload.subarray(0, 2), CLOSE_FIRST));
    this.#socket.end();
    this.#destroyLater();
  }
}

/** @param {Target} target */
const open = ({ host, port, isTls, ca }) => {
  const isLoopback = host.startsWith('127.') || host === 'localhost';
  const tcp = connect({
    host: host === 'localhost' ? '127.0.0.1' : host,
    port,
    noDelay: true,
    ...(isLoopback ? { localAddress: `127.0.0.${1 + (dials++ % LOOPBACK_SOURCES)}` } : {}),
  });
  if (!isTls) return { tcp, socket: tcp };
  // An IP address is no server name.
  const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  const socket = connectTls({ socket: tcp, host, ...name, ...(ca === undefined ? {} : { ca }) });
  tcp.on('error', (error) => socket.destroy(error));
  return { tcp, socket };
};

/**
 * Dials and completes the handshake.
 * @param {Target} target
 * @param {Path} path
 * @param {string} serverId
 * @returns {Promise<Connection>} rejects if there was no upgrade within 20 s
 */
export const dial = (target, path, serverId) =>
  new Promise((resolve, reject) => {
    const { tcp, socket } = open(target);
    const fail = (/** @type {string} */ problem) => {
      clearTimeout(timer);
      reject(new Error(problem));
      socket.destroy();
      tcp.destroy();
    };
    const timer = setTimeout(() => fail('no upgrade in time'), DIAL_TIMEOUT_MS);
    const isClosed = () => fail('closed during the handshake');
    let head = Buffer.alloc(0);
    const readHead = (/** @type {Buffer} */ chunk) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(HEAD_END);
      if (end === -1) {
        if (head.length > MAX_HEAD_BYTES) fail('an answer without an end');
        return;
      }
      const [status = ''] = head.toString('latin1', 0, end).split('\r\n', 1);
      if (!status.startsWith('HTTP/1.1 101 ')) {
        fail(`no upgrade: ${status}`);
        return;
      }
      clearTimeout(timer);
      socket.off('data', readHead).off('close', isClosed).pause();
      const connection = new Connection(tcp, socket);
      resolve(connection);
      // Behind the resolve: whoever awaits the connection sets its listener first.
      setImmediate(() => connection.read(head.subarray(end + HEAD_END.length)));
    };
    socket.on('data', readHead);
    socket.on('error', ({ message }) => fail(message));
    socket.once('close', isClosed);
    socket.write(upgradeRequest(target, path, serverId));
  });
