/** Starts the peers to be measured, each in its own process. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keep, kill } from '../measure/children.js';
import { onMeasuredCore } from '../measure/pinning.js';
import { startNode } from './start-peer.js';

/** @typedef {import('./start-peer.js').Peer} Peer */
/** @typedef {import('./start-peer.js').NodeOptions} NodeOptions */

const pathOf = (/** @type {string} */ file) => new URL(file, import.meta.url).pathname;
const OURS = pathOf('../../dist/main.js');
const QUIET = ['--insecure-listen', '127.0.0.1:0', '--metrics-listen='];

/** @param {NodeOptions & { flags?: readonly string[] }} options */
export const startOurs = async ({ flags = [], ...options } = {}) =>
  await startOursWith([...QUIET, ...flags], options);

/**
 * @param {readonly string[]} args the whole command line
 * @param {NodeOptions} options
 */
export const startOursWith = async (args, options) =>
  // All clients of the bench dial from one address.
  await startNode('ours', [OURS, '--rate-burst', '0', ...args], options);

/**
 * The same modules, with two replaced so that every frame is an event of its server actor.
 * @param {NodeOptions} options
 */
export const startCharted = async (options = {}) =>
  await startNode('frames as events', [pathOf('./charted.js')], options);

/**
 * As installed by `npm install ws`: without the optional native add-on.
 * @param {NodeOptions} options
 */
export const startNaive = async (options = {}) =>
  await startNode('naive', [pathOf('./naive.js')], { ...options, env: { WS_NO_BUFFER_UTIL: '1' } });

/** @param {NodeOptions} options */
export const startNaiveNative = async (options = {}) =>
  await startNode('naive + bufferutil', [pathOf('./naive.js')], options);

/** @param {NodeOptions} options */
export const startBareWs = async (options = {}) =>
  await startNode('bare ws', [pathOf('./bare-ws.js')], options);

/**
 * What Node itself takes for a frame.
 * @param {number} backendPort
 * @param {NodeOptions} options
 */
export const startPipe = async (backendPort, options = {}) =>
  await startNode('bare pipe', [pathOf('./bare-pipe.js'), String(backendPort)], options);

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
 * @param {{ isPinned?: boolean }} options
 * @returns {Promise<Peer>}
 */
export const startHaproxy = async (backendPort, { isPinned = true } = {}) => {
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
  /** @type {[command: string, args: readonly string[]]} */
  const plain = ['haproxy', ['-db', '-q', '-f', file]];
  const child = keep(
    spawn(...(isPinned ? onMeasuredCore(...plain) : plain), { stdio: ['ignore', 'inherit', 'inherit'] }),
  );
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
