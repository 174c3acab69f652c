/** Sockets that repeat one load until they are told to stop. A socket that is closed dials again. */
import { connectTo, dial, HEAD_END, upgradeRequest } from './client.js';
import { FrameReader } from './frames.js';
import { inParallel } from './population.js';
import { STRANGER_LOADS } from './stranger-loads.js';

/** Pause before a closed socket dials again. Without it, most of what is measured would be the kernel's handshakes. */
const REDIAL_MS = 100;
const CLOSE = 8;
const NOISY = 'noisy';

/**
 * @param {import('node:net').Socket} socket
 * @param {Buffer} bytes
 */
const repeat = (socket, bytes) => {
  const send = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', send);
  send();
};

/**
 * One byte in each turn of the event loop.
 * @param {import('node:net').Socket} socket
 * @param {Buffer} bytes
 */
const repeatByByte = (socket, bytes) => {
  let at = 0;
  const send = () => {
    if (socket.destroyed) return;
    if (!socket.writableNeedDrain) {
      socket.write(bytes.subarray(at, at + 1));
      at = (at + 1) % bytes.length;
    }
    setImmediate(send);
  };
  send();
};

/**
 * Resolves once each socket has been upgraded or, without an upgrade, connected.
 * @param {number} port
 * @param {string} name of a load
 * @returns {Promise<{ end: () => number }>} `end` resets all sockets and returns how many dials there were
 */
export const besiege = async (port, name) => {
  const load = STRANGER_LOADS.find((candidate) => candidate.name === name);
  if (load === undefined) throw new TypeError(`no load is named ${JSON.stringify(name)}`);
  const { path, sockets: count, opening = Buffer.of(), repeated, isByByte, redialSpreadMs = 0 } = load;
  const servers = load.servers ?? (path === '/v1/server' ? count : 1);
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  let isOver = false;
  let dials = 0;

  /** @param {import('node:net').Socket} socket */
  const start = (socket) => {
    if (repeated !== undefined) (isByByte ? repeatByByte : repeat)(socket, repeated);
  };
  /**
   * @param {import('node:net').Socket} socket
   * @param {() => void} onUp
   */
  const readFrames = (socket, onUp) => {
    const reader = new FrameReader(
      () => {},
      (opcode) => {
        if (opcode === CLOSE) socket.resetAndDestroy();
      },
    );
    socket.once('data', (/** @type {Buffer} */ head) => {
      socket.on('data', (bytes) => reader.push(bytes));
      onUp();
      reader.push(head.subarray(head.indexOf(HEAD_END) + HEAD_END.length));
    });
  };
  /** @param {number} i @returns {Promise<void>} */
  const come = (i) =>
    new Promise((resolve) => {
      const socket = connectTo(port);
      dials++;
      sockets.add(socket);
      const onUp = () => {
        start(socket);
        resolve();
      };
      socket.on('error', () => {});
      socket.once('close', () => {
        sockets.delete(socket);
        resolve();
        setTimeout(() => comeAgain(i), REDIAL_MS + Math.random() * redialSpreadMs);
      });
      if (path === undefined) {
        socket.once('connect', onUp).resume();
        return;
      }
      const request = Buffer.from(upgradeRequest(path, `${NOISY}-${i % servers}`));
      socket.write(Buffer.concat([request, opening]));
      readFrames(socket, onUp);
    });

  /** @param {number} i */
  const comeAgain = (i) => {
    if (!isOver) void come(i);
  };

  if (path === '/v1/client') {
    // The binaries that the phones send to. They read everything, and answer nothing.
    await inParallel(servers, async (i) =>
      sockets.add((await dial(port, '/v1/server', `${NOISY}-${i}`)).socket),
    );
  }
  await inParallel(count, come);
  return {
    end: () => {
      isOver = true;
      for (const socket of sockets) socket.resetAndDestroy();
      return dials;
    },
  };
};
