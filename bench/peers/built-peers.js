/** Peers in other languages. Each is built when its toolchain is here, and measured only if it does what it claims to do. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { checkConformance } from './check-conformance.js';
import { startPeer } from './start-peer.js';

const pathOf = (/** @type {string} */ file) => new URL(file, import.meta.url).pathname;

/**
 * @typedef {object} Source
 * @property {string} name
 * @property {string} folder
 * @property {string} toolchain
 * @property {readonly string[]} version arguments that make the toolchain say which it is
 * @property {readonly string[]} build arguments
 * @property {Readonly<Record<string, string>>} env of the build
 * @property {string} program
 * @property {boolean} isSlow to build: a quick run takes only what there is
 * @property {readonly string[]} claims what `conformance` is asked with
 */

/** @type {readonly Source[]} */
export const SOURCES = [
  {
    name: 'Go',
    folder: pathOf('./go-coder'),
    toolchain: 'go',
    version: ['version'],
    build: ['build', '-o', pathOf('./.built/go-coder'), '.'],
    env: {},
    program: pathOf('./.built/go-coder'),
    isSlow: false,
    claims: ['--profile', 'go'],
  },
  {
    name: 'Rust',
    folder: pathOf('./rust'),
    toolchain: 'cargo',
    version: ['--version'],
    build: ['build', '--release', '--locked', '--quiet'],
    env: { CARGO_TARGET_DIR: pathOf('./.built/rust') },
    program: pathOf('./.built/rust/release/relay-peer'),
    isSlow: true,
    claims: ['--profile', 'go'],
  },
];

/** @typedef {{ name: string, start: (options?: import('./start-peer.js').StartOptions & { maxPhones?: number }) => Promise<import('./start-peer.js').Peer> }} BuiltPeer */

/**
 * @param {Source} source
 * @returns {BuiltPeer}
 */
export const builtPeer = ({ name, program }) => ({
  name,
  start: async ({ maxPhones, env = {}, awaits, isPinned } = {}) =>
    await startPeer(name, [program, []], {
      env: { ...env, ...(maxPhones === undefined ? {} : { MAX_PHONES: String(maxPhones) }) },
      ...(awaits === undefined ? {} : { awaits }),
      ...(isPinned === undefined ? {} : { isPinned }),
    }),
});

/**
 * Builds it, unless that is up to date.
 * @param {Source} source
 * @param {boolean} quick
 * @returns {Promise<string | undefined>} why it is left out
 */
export const build = async ({ folder, toolchain, version, build: args, env, program, isSlow }, quick) => {
  if (spawnSync(toolchain, version).status !== 0) return `${toolchain} is not installed here`;
  if (quick && isSlow && !existsSync(program)) return 'a quick run does not wait for its build';
  try {
    await promisify(execFile)(toolchain, args, { cwd: folder, env: { ...process.env, ...env } });
    return undefined;
  } catch (error) {
    const text = String(error instanceof Error && 'stderr' in error ? error.stderr : error).trim();
    const lines = text.split('\n');
    const first = lines.find((line) => /^error|^Error|\.go:\d+/.test(line)) ?? lines.at(-1);
    return `${toolchain} cannot build it: ${first}`;
  }
};

const prepare = async (/** @type {boolean} */ quick) => {
  /** @type {BuiltPeer[]} */
  const peers = [];
  /** @type {string[]} */
  const notes = [];
  for (const source of SOURCES) {
    const peer = builtPeer(source);
    const failing = await build(source, quick);
    const differing = failing === undefined ? await checkConformance(peer.start, source.claims) : undefined;
    if (failing !== undefined) notes.push(`The ${source.name} relay is left out: ${failing}.`);
    else if (differing !== undefined)
      notes.push(`The ${source.name} relay is left out, because it fails conformance: ${differing}`);
    else peers.push(peer);
  }
  return { peers, notes };
};

/** @type {ReturnType<typeof prepare> | undefined} */
let prepared;

/**
 * Those that can be measured here, and a note for each that cannot. Prepared once.
 * @param {boolean} quick
 */
export const builtPeers = async (quick) => await (prepared ??= prepare(quick));
