/** `ws` by itself: takes every connection and does nothing with it. What a connection costs at the least. */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (ws) => ws.on('error', () => {}));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not bound to a port');
  console.log(JSON.stringify({ msg: 'starting', listen: `127.0.0.1:${address.port}` }));
});
