/** Starts one peer in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { keep, kill } from '../measure/children.js';
import { onMeasuredCore } from '../measure/pinning.js';

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {number} port
 * @property {number} pid
 * @property {(question: string) => Promise<any>} ask asks the probe, if it was loaded; undefined from a peer that cannot have one
 * @property {() => number} loggedBytes bytes read from its log so far
 * @property {Map<string, string>} listens listen addresses, by the message of the log line that names them
 * @property {() => Promise<void>} stop
 */

/**
 * @typedef {object} StartOptions
 * @property {Readonly<Record<string, string>>} [env]
 * @property {string} [awaits] message of the log line that says it is ready
 * @property {boolean} [isPinned] to the measured core
 */

/**
 * Starts a process that logs its listen address as a JSON line, as our relay does.
 * @param {string} name
 * @param {[command: string, args: readonly string[]]} plain
 * @param {StartOptions & { hasProbe?: boolean }} options
 * @returns {Promise<Peer>}
 */
export const startPeer = async (
  name,
  plain,
  { env = {}, awaits = 'starting', isPinned = true, hasProbe = false } = {},
) => {
  const child = keep(
    spawn(...(isPinned ? onMeasuredCore(...plain) : plain), {
      stdio: ['ignore', 'pipe', 'inherit', ...(hasProbe ? [/** @type {const} */ ('ipc')] : [])],
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
      if (!hasProbe) return undefined;
      child.send(question);
      const [answer] = await once(child, 'message');
      return answer;
    },
    stop: async () => await kill(child),
  };
};

/** @typedef {StartOptions & { probe?: boolean, nodeFlags?: readonly string[] }} NodeOptions */

/**
 * @param {string} name
 * @param {readonly string[]} args
 * @param {NodeOptions} options
 */
export const startNode = async (name, args, { probe = false, nodeFlags = [], ...options } = {}) => {
  const script = new URL('../measure/probe.js', import.meta.url).pathname;
  const flags = probe ? ['--expose-gc', '--import', script] : [];
  return await startPeer(name, [process.execPath, [...nodeFlags, ...flags, ...args]], {
    ...options,
    hasProbe: probe,
  });
};
