/**
 * What an open page costs: frames per second and the relay's CPU per frame with a page open on an idle server-id, against
 * none, in turns. `npm run bench:inspect`; it takes about twenty seconds. The relay runs in a process of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';

const ROUNDS = 5;
const ROUND_MS = 1_500;
const PHONES = 4;
/** Frames each phone has under way. */
const IN_FLIGHT = 20;
const FRAME = JSON.stringify({ v: 2, type: 'noise_msg', data: 'x'.repeat(260) });
/** Linux counts a process's CPU time in ticks of this length. */
const TICK_MS = 10;

/** @param {number} ms */
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const main = new URL('../dist/main.js', import.meta.url).pathname;
const flags = ['--insecure-listen', '127.0.0.1:0', '--metrics-listen=', '--inspect-listen', '127.0.0.1:0'];
const relay = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
/** @type {Map<string, string>} */
const listens = new Map();
for await (const line of createInterface({ input: relay.stdout })) {
  const { msg, listen } = JSON.parse(line);
  listens.set(msg, listen);
  if (msg === 'starting inspect listener') break;
}
relay.stdout.resume();

/**
 * @param {'/v1/server' | '/v1/client'} path
 * @param {string} serverId
 */
const dial = async (path, serverId) => {
  const ws = new WebSocket(`ws://${listens.get('starting')}${path}`, {
    headers: {
      'x-pyrycode-server': serverId,
      'x-pyrycode-version': 'bench',
      'x-pyrycode-token': 'bench',
      'user-agent': 'bench',
    },
  });
  await once(ws, 'open');
  return ws;
};

/** CPU time of the relay so far, as the system counts it. */
const cpuMs = () => {
  const fields = readFileSync(`/proc/${relay.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
};

const openPage = async () => {
  const request = get(`http://${listens.get('starting inspect listener')}/events?server=idle`);
  const [response] = await once(request, 'response');
  response.resume();
  response.on('error', () => {});
  return () => request.destroy();
};

await dial('/v1/server', 'idle');
const binary = await dial('/v1/server', 'busy');
binary.on('message', (data) => binary.send(data));
let echoes = 0;
for (let i = 0; i < PHONES; i++) {
  const phone = await dial('/v1/client', 'busy');
  phone.on('message', () => {
    echoes++;
    phone.send(FRAME);
  });
  for (let k = 0; k < IN_FLIGHT; k++) phone.send(FRAME);
}

/** @param {{ frames: number, cpuMs: number }} sum */
const measure = async (sum) => {
  const [frames, cpu] = [echoes, cpuMs()];
  await wait(ROUND_MS);
  // Each echo is forwarded twice.
  sum.frames += 2 * (echoes - frames);
  sum.cpuMs += cpuMs() - cpu;
};

await wait(ROUND_MS);
const without = { frames: 0, cpuMs: 0 };
const watched = { frames: 0, cpuMs: 0 };
for (let round = 0; round < ROUNDS; round++) {
  await measure(without);
  const closePage = await openPage();
  await measure(watched);
  closePage();
  await wait(200);
}
relay.kill();

/** @param {{ frames: number, cpuMs: number }} sum */
const describe = ({ frames, cpuMs: cpu }) =>
  `${Math.round(frames / ((ROUNDS * ROUND_MS) / 1_000)).toLocaleString('en')} frames/s, ${((cpu * 1_000) / frames).toFixed(2)} µs of relay CPU per frame`;
console.log(`no page:   ${describe(without)}`);
console.log(`page open: ${describe(watched)}`);
console.log(`frames per second, open / none: ${(watched.frames / without.frames).toFixed(3)}`);
process.exit(0);
