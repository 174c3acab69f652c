/**
 * `npm run demo`: runs a relay, a binary and some phones in one process and prints what each of them sees. All traffic
 * uses real sockets on loopback, and everything is stopped at the end. `npm run demo -- --inspect` repeats the demo slowly
 * until interrupted, and serves the live page.
 */
import { once } from 'node:events';
import { styleText } from 'node:util';
import { WebSocket } from 'ws';
import { createRelay } from '../dist/relay.js';

const SERVER_ID = 'demo-machine';
const startedAt = performance.now();

/** @typedef {'relay' | 'binary' | 'binary 2' | 'phone A' | 'phone B' | 'phone C' | 'phone D'} Who */

/** @type {Record<string, 'cyan' | 'magenta' | 'yellow' | 'green'>} */
const COLOURS = { relay: 'cyan', binary: 'magenta', phone: 'green' };

/**
 * @param {Who} who
 * @param {string} what
 */
const say = (who, what) => {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(4);
  const colour = COLOURS[who.split(' ')[0] ?? ''] ?? 'yellow';
  const name = process.stdout.isTTY ? styleText(colour, who.padEnd(8)) : who.padEnd(8);
  console.log(`${seconds}s  ${name}  ${what}`);
};

/** @param {string} text */
const chapter = (text) => {
  console.log(`\n       ${process.stdout.isTTY ? styleText('bold', text) : text}`);
};

/** @param {number} ms */
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {string} url
 * @param {Who} who
 * @param {'/v1/server' | '/v1/client'} path
 * @returns {Promise<WebSocket>} once the upgrade is done
 */
const dial = async (url, who, path) => {
  const headers =
    path === '/v1/server'
      ? { 'x-pyrycode-server': SERVER_ID, 'x-pyrycode-version': 'demo', 'user-agent': 'pyry/demo' }
      : { 'x-pyrycode-server': SERVER_ID, 'x-pyrycode-token': 'demo', 'user-agent': 'phone/demo' };
  say(who, `dials ${path} for server-id "${SERVER_ID}"`);
  const ws = new WebSocket(`${url}${path}`, { headers });
  ws.on('message', (data) => say(who, `receives ${text(data)}`));
  ws.on('close', (code, reason) =>
    say(who, `is closed: ${code}${reason.length > 0 ? ` "${String(reason)}"` : ''}`),
  );
  await once(ws, 'open');
  return ws;
};

/**
 * @param {WebSocket} ws
 * @param {Who} who
 * @param {string} message
 */
const send = (ws, who, message) => {
  say(who, `sends    ${message}`);
  ws.send(message);
};

/** @param {import('ws').RawData} data a single Buffer, which is the default of ws */
const text = (data) => (Buffer.isBuffer(data) ? data.toString() : '');

/** @param {WebSocket} ws */
const closed = async (ws) => {
  if (ws.readyState !== ws.CLOSED) await once(ws, 'close');
};

/**
 * Makes a binary answer each frame of a phone with the frame it received.
 * @param {WebSocket} ws
 * @param {Who} who
 * @param {Map<string, string>} connIds conn ids, by the name that the phone sends
 */
const echo = (ws, who, connIds) => {
  ws.on('message', (data) => {
    const { conn_id, frame } = JSON.parse(text(data));
    if (frame === undefined) return;
    connIds.set(frame.from, conn_id);
    send(ws, who, JSON.stringify({ conn_id, frame: { echo: frame.say } }));
  });
};

/** With the live page, pause between steps so that each is visible. */
const isWatched = process.argv.includes('--inspect');
const beat = async () => {
  if (isWatched) await wait(1_800);
};

/** @param {string} url */
const tellStory = async (url) => {
  /** @type {Map<string, string>} */
  const connIds = new Map();

  chapter('A phone comes before its binary');
  await closed(await dial(url, 'phone A', '/v1/client'));
  await beat();

  chapter('The binary claims its server-id, phones register, frames go both ways');
  let binary = await dial(url, 'binary', '/v1/server');
  echo(binary, 'binary', connIds);
  await beat();
  let phoneA = await dial(url, 'phone A', '/v1/client');
  send(phoneA, 'phone A', '{"from":"A","say":"hello"}');
  await once(phoneA, 'message');
  await beat();
  const phoneB = await dial(url, 'phone B', '/v1/client');
  send(phoneB, 'phone B', '{"from":"B","say":"me too"}');
  await once(phoneB, 'message');
  await beat();

  chapter('The third phone is one too many; a second binary is told that the first is alive');
  await closed(await dial(url, 'phone C', '/v1/client'));
  await beat();
  await closed(await dial(url, 'binary 2', '/v1/server'));
  await beat();

  chapter('The binary closes one phone with a code of its own');
  send(
    binary,
    'binary',
    JSON.stringify({ conn_id: connIds.get('B'), frame: { bye: 'B' }, close_code: 4401 }),
  );
  await closed(phoneB);
  await beat();

  chapter('The binary is gone: a quiet phone stays, and another may still register');
  binary.close(1000);
  await closed(binary);
  const phoneD = await dial(url, 'phone D', '/v1/client');
  await wait(300);
  /** @param {WebSocket} phone */
  const isOpen = (phone) => (phone.readyState === phone.OPEN ? 'open' : 'closed');
  say('relay', `phone A is ${isOpen(phoneA)}, phone D is ${isOpen(phoneD)}`);
  await beat();

  chapter('It comes back within grace: the old phones must shake hands anew');
  binary = await dial(url, 'binary', '/v1/server');
  echo(binary, 'binary', connIds);
  await Promise.all([closed(phoneA), closed(phoneD)]);
  await beat();
  phoneA = await dial(url, 'phone A', '/v1/client');
  send(phoneA, 'phone A', '{"from":"A","say":"back again"}');
  await once(phoneA, 'message');
  await beat();

  chapter(`It is gone for good: after ${graceMs / 1_000} s the server-id is released`);
  binary.terminate();
  await closed(phoneA);
  await beat();
};

const graceMs = isWatched ? 6_000 : 2_000;
const relay = createRelay({
  maxPhones: 2,
  graceMs,
  // Whoever plays with it dials from one address.
  rateBurst: 0,
  inspectListen: isWatched ? { host: '127.0.0.1', port: 0 } : null,
});
const { address, inspectAddress } = await relay.start();
const url = `ws://127.0.0.1:${address.port}`;
say('relay', `listens on ${url}: 2 phones per server-id, grace ${graceMs / 1_000} s`);

if (inspectAddress === null) {
  await tellStory(url);
  chapter('The relay shuts down');
  const binary = await dial(url, 'binary', '/v1/server');
  await Promise.all([relay.stop(), closed(binary)]);
  say('relay', 'has stopped');
} else {
  console.log(
    `\n       Open http://127.0.0.1:${inspectAddress.port}/#${SERVER_ID} and watch. Ctrl-C ends it.\n`,
  );
  process.on('SIGINT', () => void relay.stop().then(() => process.exit(0)));
  for (;;) await tellStory(url);
}
