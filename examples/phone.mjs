/** A phone: says what it is told to. `node examples/phone.mjs [relay] [server-id] [word ...]`; the wire is in docs/wire.md. */
import process from 'node:process';
import { WebSocket } from 'ws';

const [relay = 'ws://127.0.0.1:8080', serverId = 'example', ...words] = process.argv.slice(2);
const headers = {
  'X-Pyrycode-Server': serverId,
  'X-Pyrycode-Token': 'any text but none',
  'X-Pyrycode-Device-Name': 'example phone',
  'User-Agent': 'example-phone',
};
if (!/^wss?:/.test(relay)) {
  console.error(`the relay is ws://HOST or wss://HOST, not ${relay}`);
  process.exit(2);
}
const ws = new WebSocket(`${relay}/v1/client`, { headers });

/** Each message is one JSON value. @param {unknown} value */
const say = (value) => ws.send(JSON.stringify(value));

ws.on('open', () => {
  console.log(`dials ${serverId}`);
  for (const word of words.length > 0 ? words : ['hello', 'bye']) say(word);
});
ws.on('message', (data) => console.log(`hears ${data}`));
// 4404: no binary has this server-id now. 4429: it has phones enough. Dial again, with growing pauses.
ws.on('close', (code, reason) => console.log(`is closed with ${code} ${reason}`));
// A refused upgrade says why in its body.
ws.on('unexpected-response', (_request, response) => response.pipe(process.stderr));
ws.on('error', (error) => console.error(`cannot dial: ${error.message}`));
process.once('SIGINT', () => ws.close(1000));
