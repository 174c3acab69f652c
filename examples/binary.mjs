/** A binary: claims a server-id and echoes. `[TOKEN=...] node examples/binary.mjs [relay] [server-id]`; see docs/wire.md. */
import process from 'node:process';
import { WebSocket } from 'ws';

const [relay = 'ws://127.0.0.1:8080', serverId = 'example'] = process.argv.slice(2);
const headers = {
  'X-Pyrycode-Server': serverId,
  'X-Pyrycode-Version': 'example',
  'User-Agent': 'example-binary',
  // For a relay with --binary-tokens; `pyrycode-relay token` prints one.
  ...(process.env['TOKEN'] && { 'X-Pyrycode-Relay-Token': process.env['TOKEN'] }),
};
if (!/^wss?:/.test(relay)) {
  console.error(`the relay is ws://HOST or wss://HOST, not ${relay}`);
  process.exit(2);
}
const ws = new WebSocket(`${relay}/v1/server`, { headers });

ws.on('open', () => console.log(`claims ${serverId}`));
ws.on('message', (data) => {
  const { conn_id: connId, frame, close_code: closeCode } = JSON.parse(String(data));
  if (frame === undefined) return console.log(`${connId} has left with ${closeCode}`);
  console.log(`${connId} says ${JSON.stringify(frame)}`);
  // "bye" gets a last frame and, in the same envelope, the directive to close the phone.
  const directive = frame === 'bye' ? 4000 : undefined;
  ws.send(JSON.stringify({ conn_id: connId, frame: { echo: frame }, close_code: directive }));
});
ws.on('close', (code, reason) => console.log(`is closed with ${code} ${reason}`));
// A refused upgrade says why in its body.
ws.on('unexpected-response', (_request, response) => response.pipe(process.stderr));
ws.on('error', (error) => console.error(`cannot dial: ${error.message}`));
process.once('SIGINT', () => ws.close(1000));
