/**
 * Binaries and phones that are npm `ws` clients, as most clients in JavaScript are. They put their frames together and read them
 * as `ws` does, so they take longer for each than the raw sockets of population.js, and bring fewer in a turn.
 */
import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';
import { innerFrame } from './frames.js';
import { measureWindow, until, WARM_UP_MS } from './loads.js';
import { inParallel } from './population.js';

/**
 * @typedef {object} WsPopulation
 * @property {readonly WebSocket[]} phones
 * @property {(bytes: number) => void} answerWith sets the size of the answer to every message
 */

const HEADERS = { 'x-pyrycode-version': 'bench', 'x-pyrycode-token': 'bench', 'user-agent': 'bench' };
const ID_START = '{"conn_id":"'.length;

/**
 * @param {number} port
 * @param {'/v1/server' | '/v1/client'} path
 * @param {string} serverId
 */
const dial = async (port, path, serverId) => {
  const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    perMessageDeflate: false,
    headers: { ...HEADERS, 'x-pyrycode-server': serverId },
  });
  await once(ws, 'open');
  return ws;
};

/** @param {import('ws').RawData} data a single Buffer, which is the default of ws */
const bytesOf = (data) => {
  if (!Buffer.isBuffer(data)) throw new TypeError('not a Buffer');
  return data;
};

/**
 * @param {number} port
 * @param {{ servers: number, phones: number }} size `phones` on each server-id
 * @returns {Promise<WsPopulation>}
 */
export const populate = async (port, { servers, phones: phonesEach }) => {
  let inner = innerFrame(100).toString('latin1');
  for (let i = 0; i < servers; i++) {
    const binary = await dial(port, '/v1/server', `bench-${i}`);
    binary.on('message', (data) => {
      const bytes = bytesOf(data);
      const connId = bytes.toString('latin1', ID_START, bytes.indexOf('"', ID_START));
      binary.send(`{"conn_id":"${connId}","frame":${inner}}`);
    });
  }
  const count = servers * phonesEach;
  const phones = await inParallel(count, async (i) => await dial(port, '/v1/client', `bench-${i % servers}`));
  // Until each has its answer: one that comes later would be taken for that of a load.
  const answers = phones.map(async (phone) => await once(phone, 'message'));
  for (const phone of phones) phone.send(inner);
  await Promise.all(answers);
  return {
    phones,
    answerWith: (bytes) => {
      inner = innerFrame(bytes).toString('latin1');
    },
  };
};

/** The backend of a pass-through peer. It answers every message. */
export const listenBehind = async () => {
  let inner = '';
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  server.on('connection', (ws) => ws.on('message', () => ws.send(inner)));
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not bound to a port');
  return {
    port: address.port,
    /** @param {number} bytes */
    answerWith: (bytes) => {
      inner = innerFrame(bytes).toString('latin1');
    },
  };
};

/**
 * @param {number} port
 * @param {number} count
 * @param {(bytes: number) => void} answerWith
 * @returns {Promise<WsPopulation>}
 */
export const populateThrough = async (port, count, answerWith) => ({
  phones: await inParallel(count, async () => await dial(port, '/v1/client', 'bench')),
  answerWith,
});

/**
 * Every phone keeps `inFlight` frames in flight; each is answered with a frame of the same size.
 * @param {WsPopulation} population
 * @param {number} pid
 * @param {{ frameBytes: number, inFlight: number, ms: number }} options
 */
export const echo = async ({ phones, answerWith }, pid, { frameBytes, inFlight, ms }) => {
  const frame = innerFrame(frameBytes).toString('latin1');
  answerWith(frameBytes);
  let answers = 0;
  let underWay = 0;
  let isOver = false;
  for (const phone of phones) {
    phone.removeAllListeners('message');
    phone.on('message', (data) => {
      if (bytesOf(data).length !== frameBytes) throw new Error('a frame of another size came back');
      answers++;
      underWay--;
      if (isOver) return;
      underWay++;
      phone.send(frame);
    });
    for (let i = 0; i < inFlight; i++) {
      underWay++;
      phone.send(frame);
    }
  }
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  const window = await measureWindow(pid, ms, () => 2 * answers);
  isOver = true;
  await until(() => underWay === 0);
  return window;
};
