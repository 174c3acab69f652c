/** Starts peers with the same population, to be measured in alternation. */
import { Generator } from '../load/start-generator.js';
import { pinningNotes } from '../measure/pinning.js';
import { builtPeers } from '../peers/built-peers.js';
import {
  hasHaproxy,
  startCharted,
  startHaproxy,
  startNaive,
  startNaiveNative,
  startOurs,
  startPipe,
} from '../peers/peers.js';

const NO_HAPROXY = 'HAProxy is not installed here (apt-get install haproxy): it is left out.';
/** Brings the frames that V8 needs to compile what they pass, also on a busy machine. */
const WARM_UP = { frameBytes: 300, inFlight: 16, ms: 1_500 };

/**
 * @param {{ servers: number, phones: number }} size
 * @param {{ quick: boolean, haproxy?: boolean, charted?: boolean, pipe?: boolean, isPinned?: boolean, generator?: Generator }} options
 */
export const startSideBySide = async (
  size,
  { quick, haproxy = true, charted = false, pipe = false, isPinned = true, generator = new Generator() },
) => {
  /** @type {import('../peers/peers.js').Peer[]} */
  const peers = [];
  const stop = async () => {
    generator.stop();
    await Promise.all(peers.map(async (peer) => await peer.stop()));
  };
  const withHaproxy = haproxy && hasHaproxy();
  try {
    const built = await builtPeers(quick);
    const starts = [startOurs, startNaive, startNaiveNative, ...(charted ? [startCharted] : [])];
    for (const start of [...starts, ...built.peers.map((peer) => peer.start)])
      peers.push(await start({ isPinned }));
    if (pipe) {
      const behind = await generator.ask('listenBehind', { name: 'bare pipe' });
      peers.push(await startPipe(behind, { isPinned }));
    }
    if (withHaproxy) {
      const behind = await generator.ask('listenBehind', { name: 'HAProxy' });
      peers.push(await startHaproxy(behind, { isPinned }));
    }
    for (const { name, port } of peers) await generator.ask('populate', { name, port, ...size });
    for (const { name, pid } of quick ? [] : peers) await generator.ask('echo', { name, pid, ...WARM_UP });
    return {
      generator,
      peers,
      notes: [
        ...built.notes,
        ...(haproxy && !withHaproxy ? [NO_HAPROXY] : []),
        ...(isPinned ? pinningNotes : []),
      ],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/**
 * Measures every peer (or other named case) once per round, so that noise of the machine affects all equally.
 * @template {{ readonly name: string }} P
 * @template T
 * @param {readonly P[]} peers
 * @param {number} rounds
 * @param {(peer: P, round: number) => Promise<T>} measure
 * @returns {Promise<Map<string, T[]>>} results by peer name, one per round
 */
export const inRounds = async (peers, rounds, measure) => {
  const results = new Map(peers.map(({ name }) => [name, /** @type {T[]} */ ([])]));
  for (let round = 0; round < rounds; round++) {
    for (const peer of peers) results.get(peer.name)?.push(await measure(peer, round));
  }
  return results;
};

/**
 * Microseconds of CPU per forwarded frame.
 * @param {import('../load/loads.js').Window} window
 */
export const cpuPerFrameUs = ({ cpuMs, frames }) => (cpuMs * 1_000) / frames;

/** @param {import('../load/loads.js').Window} window */
export const framesPerSecond = ({ frames, ms }) => (frames * 1_000) / ms;
