/** Resident memory of a peer, and the most of it over a time. */
import { rssKib } from './cpu.js';

const SAMPLE_MS = 100;
const KIB_PER_MIB = 1_024;

/** @param {import('../peers/start-peer.js').Peer} peer */
export const residentMib = ({ pid }) => rssKib(pid) / KIB_PER_MIB;

/**
 * The most resident memory in MiB so far, sampled until `end` is called. End it before the peer stops.
 * @param {import('../peers/start-peer.js').Peer} peer
 */
export const watchPeak = (peer) => {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMib(peer));
  }, SAMPLE_MS);
  return { mib: () => peak, end: () => clearInterval(timer) };
};
