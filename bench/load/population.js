/** Binaries and their phones, connected to one peer. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dial } from './client.js';
import { clientFrame, FrameReader, innerFrame, serverFrame } from './frames.js';
import { until } from './loads.js';

/**
 * @typedef {object} Population
 * @property {readonly import('./client.js').Client[]} phones
 * @property {readonly Binary[]} binaries empty behind a pass-through peer
 * @property {(bytes: number | null) => void} answerWith sets the size of the binaries' answer to every message; null for none
 * @property {() => void} close
 */

const ID_START = '{"conn_id":"'.length;
const QUOTE = 0x22;
/** Maximum concurrent dials. */
const DIALS_AT_ONCE = 50;

/** A binary that answers phones with frames it has encoded before. */
class Binary {
  /** Encoded frames, by inner frame and conn id. @type {Map<Buffer, Map<string, Buffer>>} */
  #laidOut = new Map();
  /** @type {Buffer | undefined} */
  #inner;
  #client;
  /** Conn ids of the phones that have sent a message. */
  connIds = new Set();
  heard = 0;
  /** @type {(connId: string) => void} */
  onMessage = () => {};

  /** @param {import('./client.js').Client} client */
  constructor(client) {
    this.#client = client;
    client.onMessage((payload) => {
      this.heard++;
      const connId = payload.toString('latin1', ID_START, payload.indexOf(QUOTE, ID_START));
      this.connIds.add(connId);
      this.onMessage(connId);
      if (this.#inner !== undefined) this.send(connId);
    });
  }

  /** @param {Buffer | undefined} inner */
  set inner(inner) {
    this.#inner = inner;
    this.#laidOut.clear();
  }

  /**
   * Sends a phone an inner frame.
   * @param {string} connId
   */
  send(connId, inner = this.#inner) {
    if (inner === undefined) return;
    let frames = this.#laidOut.get(inner);
    if (frames === undefined) this.#laidOut.set(inner, (frames = new Map()));
    let frame = frames.get(connId);
    if (frame === undefined) {
      frame = clientFrame(Buffer.from(`{"conn_id":"${connId}","frame":${inner.toString('latin1')}}`));
      frames.set(connId, frame);
    }
    this.#client.send(frame);
  }

  /**
   * Forgets a phone.
   * @param {string} connId
   */
  forget(connId) {
    this.connIds.delete(connId);
    for (const frames of this.#laidOut.values()) frames.delete(connId);
  }

  close() {
    this.#client.socket.destroy();
  }
}

/**
 * Calls `act` `count` times, with at most `atOnce` calls in progress.
 * @template T
 * @param {number} count
 * @param {(i: number) => Promise<T>} act
 * @returns {Promise<T[]>}
 */
export const inParallel = async (count, act, atOnce = DIALS_AT_ONCE) => {
  /** @type {T[]} */
  const results = [];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const i = next++;
      results[i] = await act(i);
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, work));
  return results;
};

/**
 * @param {number} port
 * @param {{ servers: number, phones: number, prefix?: string }} size `phones` on each server-id
 * @returns {Promise<Population>}
 */
export const populate = async (port, { servers, phones: phonesEach, prefix = 'bench' }) => {
  const nameOf = (/** @type {number} */ i) => `${prefix}-${i % servers}`;
  const binaries = await inParallel(
    servers,
    async (i) => new Binary(await dial(port, '/v1/server', nameOf(i))),
  );
  const phones = await inParallel(
    servers * phonesEach,
    async (i) => await dial(port, '/v1/client', nameOf(i)),
  );
  // A binary learns a phone's conn id from the phone's first message.
  if (phonesEach > 0) {
    for (const phone of phones) phone.send(clientFrame(innerFrame(100)));
    await until(() => binaries.every((binary) => binary.connIds.size === phonesEach));
  }
  return {
    phones,
    binaries,
    answerWith: (bytes) => {
      const inner = bytes === null ? undefined : innerFrame(bytes);
      for (const binary of binaries) binary.inner = inner;
    },
    close: () => {
      for (const { socket } of phones) socket.destroy();
      for (const binary of binaries) binary.close();
    },
  };
};

/**
 * The backend of a pass-through peer. It answers every message.
 * @returns {Promise<{ port: number, answerWith: (bytes: number | null) => void }>}
 */
export const listenBehind = async () => {
  /** @type {Buffer | undefined} */
  let answer;
  const server = createServer({ noDelay: true }, (socket) => {
    const reader = new FrameReader(
      () => {
        if (answer !== undefined) socket.write(answer);
      },
      () => {},
    );
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.on('data', (bytes) => reader.push(bytes));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not bound to a port');
  return {
    port: address.port,
    answerWith: (bytes) => {
      answer = bytes === null ? undefined : serverFrame(innerFrame(bytes));
    },
  };
};

/**
 * @param {number} port
 * @param {number} phoneCount
 * @param {(bytes: number | null) => void} answerWith
 * @returns {Promise<Population>}
 */
export const populateThrough = async (port, phoneCount, answerWith) => {
  const phones = await inParallel(phoneCount, async () => await dial(port, '/v1/client', 'bench'));
  return {
    phones,
    binaries: [],
    answerWith,
    close: () => {
      for (const { socket } of phones) socket.destroy();
    },
  };
};
