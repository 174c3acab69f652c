/** A WebSocket of the relay's kind over a connection in memory. */
import { IncomingMessage } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Wire } from './wire.ts';

/** The answer to the handshake is taken off the wire. */
export const upgraded = (wire: Wire, maxPayload: number): WebSocket => {
  const handshakes = new WebSocketServer({
    noServer: true,
    autoPong: false,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
  });
  const request = new IncomingMessage(wire.asSocket);
  request.method = 'GET';
  Object.assign(request.headers, {
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', // The example in RFC 6455.
  });
  let opened: WebSocket | undefined;
  handshakes.handleUpgrade(request, wire.asSocket, Buffer.alloc(0), (ws) => {
    opened = ws;
  });
  wire.delivered();
  if (opened === undefined) throw new Error('the handshake was refused');
  return opened;
};
