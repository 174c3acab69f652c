/** Answers odd requests and frames as Go's HTTP server and the Go relay's WebSocket library do. It forwards nothing. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

const HEAD_END = /\r?\n\r?\n/;
const ROUTES: Readonly<Record<string, readonly string[]>> = {
  '/v1/client': ['x-pyrycode-server', 'x-pyrycode-token'],
  '/v1/server': ['x-pyrycode-server', 'x-pyrycode-version'],
};
const UPGRADE =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-Websocket-Accept: x\r\n\r\n';
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const MASK_BYTES = 4;

const answer = (status: string, further = '', body = '\n'): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\n${further}Content-Length: ${body.length}\r\n\r\n${body}`;

/** To what it cannot parse. The connection ends behind it. */
const NO_REQUEST = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request';
const NO_UPGRADE = 'WebSocket protocol violation: Connection header "" does not contain Upgrade\n';

const closeFrame = (code: number, reason: string): Buffer => {
  const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
  return Buffer.concat([Buffer.from([0x80 | CLOSE, payload.length]), payload]);
};

/** The first frame that a client sends, which is short. */
const answerFrame = (bytes: Buffer): Buffer => {
  const [first = 0, second = 0] = bytes;
  if ((second & 0x80) === 0) return closeFrame(1000, '');
  if ((first & 0x70) !== 0) return closeFrame(1002, 'received header with unexpected rsv bits set');
  const mask = bytes.subarray(2, 2 + MASK_BYTES);
  const payload = bytes.subarray(2 + MASK_BYTES).map((byte, i) => byte ^ (mask[i % MASK_BYTES] ?? 0));
  if ((first & 0x0f) === PING) return Buffer.concat([Buffer.from([0x80 | PONG, payload.length]), payload]);
  return (first & 0x0f) === CLOSE
    ? Buffer.concat([Buffer.from([0x80 | CLOSE, payload.length]), payload])
    : Buffer.alloc(0);
};

const answerRequest = (head: string): string => {
  // A folded line belongs to the one before.
  const [request = '', ...lines] = head.replaceAll(/\r?\n[\t ]+/g, ' ').split(/\r?\n/);
  const [method, target = ''] = request.split(' ');
  if (method === 'PRI') return answer('400 Bad Request');
  if (method === 'CONNECT') return answer('404 Not Found');
  if (method === 'OPTIONS') return answer('200 OK', '', '');
  if (target === '') return NO_REQUEST;
  const path = decodeURIComponent(target);
  const clean = path.replaceAll(/\/+/g, '/');
  if (clean !== path) return answer('307 Temporary Redirect', `Location: ${clean}\r\n`);
  const names = new Set(lines.map((line) => line.split(':')[0]?.toLowerCase()));
  const required = ROUTES[path];
  if (required === undefined) return answer('404 Not Found');
  if (!required.every((name) => names.has(name))) return answer('400 Bad Request');
  if (!names.has('upgrade')) return answer('426 Upgrade Required', '', NO_UPGRADE);
  return lines.includes('Origin: http://%') ? answer('403 Forbidden') : UPGRADE;
};

const serve = (socket: Socket): void => {
  let received = '';
  let isUpgraded = false;
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    if (isUpgraded) {
      socket.write(answerFrame(chunk));
      return;
    }
    received += chunk.toString('latin1');
    for (let end = HEAD_END.exec(received); end !== null && !isUpgraded; end = HEAD_END.exec(received)) {
      const text = answerRequest(received.slice(0, end.index));
      isUpgraded = text === UPGRADE;
      received = received.slice(end.index + end[0].length);
      socket.write(text);
      if (text === NO_REQUEST) socket.end();
    }
  });
};

/** @returns its address and how to stop it */
export const startGoAnswers = async (): Promise<{ readonly url: string; readonly stop: () => void }> => {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `ws://127.0.0.1:${port}`, stop };
};
