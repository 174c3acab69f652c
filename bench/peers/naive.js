/**
 * A naive relay, as written in an afternoon: `ws`, a Map, JSON.parse and JSON.stringify. Correct only on well-behaved input,
 * which is all it gets here. A baseline, not a usable relay.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';

const MAX_PHONES = 16;
const MAX_MESSAGE_BYTES = 256 * 1024;
const GRACE_MS = 30_000;
const HEARTBEAT_MS = 30_000;

/**
 * @typedef {object} Server
 * @property {WebSocket | null} binary
 * @property {Map<string, WebSocket>} phones
 * @property {NodeJS.Timeout | undefined} grace
 */

/** @type {Map<string, Server>} */
const servers = new Map();
const sockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  maxPayload: MAX_MESSAGE_BYTES,
});

/** @param {import('ws').RawData} data a single Buffer, which is the default of ws */
const parse = (data) => JSON.parse(Buffer.isBuffer(data) ? data.toString() : '');

/** @param {WebSocket} ws */
const keepAlive = (ws) => {
  let isAlive = true;
  const timer = setInterval(() => {
    if (!isAlive) {
      ws.close(1011, 'heartbeat timeout');
      return;
    }
    isAlive = false;
    ws.ping();
  }, HEARTBEAT_MS);
  ws.on('pong', () => {
    isAlive = true;
  });
  ws.on('close', () => clearInterval(timer));
};

/**
 * @param {WebSocket} ws
 * @param {string} serverId
 */
const acceptBinary = (ws, serverId) => {
  const server = servers.get(serverId) ?? { binary: null, phones: new Map(), grace: undefined };
  if (server.binary !== null) {
    ws.close(4409, 'server-id already claimed');
    return;
  }
  clearTimeout(server.grace);
  server.binary = ws;
  servers.set(serverId, server);
  keepAlive(ws);
  ws.on('message', (data) => {
    const { conn_id: connId, frame } = parse(data);
    server.phones.get(connId)?.send(JSON.stringify(frame));
  });
  ws.on('close', () => {
    server.binary = null;
    server.grace = setTimeout(() => {
      servers.delete(serverId);
      for (const phone of server.phones.values()) phone.close(1000);
    }, GRACE_MS);
  });
};

/**
 * @param {WebSocket} ws
 * @param {string} serverId
 */
const acceptPhone = (ws, serverId) => {
  const server = servers.get(serverId);
  if (server === undefined) {
    ws.close(4404, 'no server with that id');
    return;
  }
  if (server.phones.size >= MAX_PHONES) {
    ws.close(4429);
    return;
  }
  const connId = randomUUID();
  server.phones.set(connId, ws);
  keepAlive(ws);
  ws.on('message', (data) => {
    if (server.binary?.readyState !== WebSocket.OPEN) ws.close(1000);
    else server.binary.send(JSON.stringify({ conn_id: connId, frame: parse(data) }));
  });
  ws.on('close', () => server.phones.delete(connId));
};

const listener = createServer();
listener.on('upgrade', (request, socket, head) => {
  const serverId = String(request.headers['x-pyrycode-server']);
  sockets.handleUpgrade(request, socket, head, (ws) => {
    ws.on('error', () => {});
    if (request.url === '/v1/server') acceptBinary(ws, serverId);
    else acceptPhone(ws, serverId);
  });
});
listener.listen(0, '127.0.0.1', () => {
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new TypeError('not bound to a port');
  console.log(JSON.stringify({ msg: 'starting', listen: `127.0.0.1:${address.port}` }));
});
