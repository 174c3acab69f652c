/** Bare `ws`: accepts every connection and does nothing with it. A lower bound for the cost of a connection. */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (ws) => ws.on('error', () => {}));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not bound to a port');
  console.log(JSON.stringify({ msg: 'starting', listen: `127.0.0.1:${address.port}` }));
});
