/** What the stories of the demo have in common: the peers, and the lines that tell what each of them sees. */
import { once } from 'node:events';
import { styleText } from 'node:util';
import { WebSocket } from 'ws';

export const SERVER_ID = 'demo-machine';
const startedAt = performance.now();

/**
 * Connections are named as the live page names them: each anew, in the order in which they come after a claim.
 * @typedef {'relay' | 'fcm' | 'binary' | 'binary 1' | 'binary 2' | 'binary 3' | 'phone A' | 'phone B' | 'phone C' | 'phone D' | 'phone E'} Who
 */

/** @type {Record<string, 'cyan' | 'magenta' | 'yellow' | 'green'>} */
const COLOURS = { relay: 'cyan', binary: 'magenta', phone: 'green' };

/**
 * @param {Who} who
 * @param {string} what
 */
export const say = (who, what) => {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(4);
  const colour = COLOURS[who.split(' ')[0] ?? ''] ?? 'yellow';
  const name = process.stdout.isTTY ? styleText(colour, who.padEnd(8)) : who.padEnd(8);
  console.log(`${seconds}s  ${name}  ${what}`);
};

/** @param {string} text */
export const chapter = (text) => {
  console.log(`\n       ${process.stdout.isTTY ? styleText('bold', text) : text}`);
};

/** @param {number} ms */
export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {string} url
 * @param {Who} who
 * @param {'/v1/server' | '/v1/client'} path
 * @returns {Promise<WebSocket>} once the upgrade is done
 */
export const dial = async (url, who, path) => {
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
export const send = (ws, who, message) => {
  say(who, `sends    ${message}`);
  ws.send(message);
};

/** @param {import('ws').RawData} data a single Buffer, which is the default of ws */
const text = (data) => (Buffer.isBuffer(data) ? data.toString() : '');

/** @param {WebSocket} ws */
export const closed = async (ws) => {
  if (ws.readyState !== ws.CLOSED) await once(ws, 'close');
};

/**
 * Makes a binary answer each frame of a phone with the frame it received.
 * @param {WebSocket} ws
 * @param {Who} who
 * @param {Map<string, string>} connIds conn ids, by the name that the phone sends
 */
export const echo = (ws, who, connIds) => {
  ws.on('message', (data) => {
    const { conn_id, frame } = JSON.parse(text(data));
    if (frame === undefined) return;
    connIds.set(frame.from, conn_id);
    send(ws, who, JSON.stringify({ conn_id, frame: { echo: frame.say } }));
  });
};

/** With the live page, pause between steps so that each is visible. */
export const isWatched = process.argv.includes('--inspect');
export const beat = async () => {
  if (isWatched) await wait(1_800);
};
