/** Starts the peers to be measured, each in its own process. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { keep, kill } from '../measure/children.js';
import { onMeasuredCore } from '../measure/pinning.js';

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {number} port
 * @property {number} pid
 * @property {(question: string) => Promise<any>} ask asks the probe, if it was loaded
 * @property {() => number} loggedBytes bytes read from its log so far
 * @property {Map<string, string>} listens listen addresses, by the message of the log line that names them
 * @property {() => Promise<void>} stop
 */

const pathOf = (/** @type {string} */ file) => new URL(file, import.meta.url).pathname;
const OURS = pathOf('../../dist/main.js');
const QUIET = ['--insecure-listen', '127.0.0.1:0', '--metrics-listen='];

/**
 * Starts a Node process that logs its listen address as a JSON line, as our relay does.
 * @param {string} name
 * @param {readonly string[]} args
 * @param {{ probe?: boolean, nodeFlags?: readonly string[], env?: Record<string, string>, awaits?: string, isPinned?: boolean }} options
 * @returns {Promise<Peer>}
 */
const startNode = async (
  name,
  args,
  { probe = false, nodeFlags = [], env = {}, awaits = 'starting', isPinned = true } = {},
) => {
  const flags = probe ? ['--expose-gc', '--import', pathOf('../measure/probe.js')] : [];
  /** @type {[command: string, args: readonly string[]]} */
  const plain = [process.execPath, [...nodeFlags, ...flags, ...args]];
  const child = keep(
    spawn(...(isPinned ? onMeasuredCore(...plain) : plain), {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production', ...env },
    }),
  );
  const { pid, stdout } = child;
  if (pid === undefined || stdout === null) throw new Error(`${name} does not start`);
  const listens = new Map();
  for await (const line of createInterface({ input: stdout })) {
    const { msg, listen } = JSON.parse(line);
    listens.set(msg, listen);
    if (msg === awaits) break;
  }
  if (!listens.has(awaits)) throw new Error(`${name} ended before it listened`);
  // Read and discard the log, so that logging costs the same as in production.
  let loggedBytes = 0;
  stdout.on('data', (bytes) => {
    loggedBytes += bytes.length;
  });
  return {
    name,
    pid,
    port: Number(listens.get('starting')?.split(':').at(-1)),
    listens,
    loggedBytes: () => loggedBytes,
    ask: async (question) => {
      child.send(question);
      const [answer] = await once(child, 'message');
      return answer;
    },
    stop: async () => await kill(child),
  };
};

/** @param {Parameters<typeof startNode>[2] & { flags?: readonly string[] }} options */
export const startOurs = async ({ flags = [], ...options } = {}) =>
  await startOursWith([...QUIET, ...flags], options);

/**
 * @param {readonly string[]} args the whole command line
 * @param {Parameters<typeof startNode>[2]} options
 */
export const startOursWith = async (args, options) =>
  // All clients of the bench dial from one address.
  await startNode('ours', [OURS, '--rate-burst', '0', ...args], options);

/** The same modules, with two replaced so that every frame is an event of its server actor. */
export const startCharted = async () => await startNode('frames as events', [pathOf('./charted.js')]);

/** As installed by `npm install ws`: without the optional native add-on. */
export const startNaive = async () =>
  await startNode('naive', [pathOf('./naive.js')], { env: { WS_NO_BUFFER_UTIL: '1' } });

export const startNaiveNative = async () => await startNode('naive + bufferutil', [pathOf('./naive.js')]);

/** @param {Parameters<typeof startNode>[2]} options */
export const startBareWs = async (options = {}) =>
  await startNode('bare ws', [pathOf('./bare-ws.js')], options);

export const hasHaproxy = () => spawnSync('haproxy', ['-v']).status === 0;

export const freePort = async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('not bound to a port');
  return address.port;
};

/**
 * HAProxy in TCP mode: it passes bytes through unread. One thread, like all the others.
 * @param {number} backendPort
 * @returns {Promise<Peer>}
 */
export const startHaproxy = async (backendPort) => {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), 'relay-bench-'));
  const file = join(dir, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
  maxconn 1000
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen relay
  bind 127.0.0.1:${port}
  server behind 127.0.0.1:${backendPort}
`,
  );
  const child = spawn(...onMeasuredCore('haproxy', ['-db', '-q', '-f', file]), {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error('haproxy does not start');
  return {
    name: 'HAProxy',
    pid,
    port,
    listens: new Map(),
    loggedBytes: () => 0,
    ask: async () => {},
    stop: async () => {
      await kill(child);
      rmSync(dir, { recursive: true });
    },
  };
};
