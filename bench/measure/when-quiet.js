/** Waits until a peer has worked off what it was given. */
import { wait } from '../load/loads.js';
import { cpuMs } from './cpu.js';

/** After this long without work, it has. */
const QUIET_MS = 100;
const QUIET_CPU_MS = 2;

/** @param {import('../peers/peers.js').Peer} peer */
export const whenQuiet = async ({ pid }) => {
  for (let before = cpuMs(pid), after = Infinity; after - before > QUIET_CPU_MS; ) {
    before = cpuMs(pid);
    await wait(QUIET_MS);
    after = cpuMs(pid);
  }
};
