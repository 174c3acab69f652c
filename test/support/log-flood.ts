/** Makes a relay log as much as its limits let peers have: from many addresses, under many server-ids. */
import type { Peer, Peers } from './peer.ts';
import { headerText } from './unseen.ts';

/** Each message has a line of its own; five of each are logged in full. */
const MESSAGES = ['{}', '{"push_wake":true}', '{"conn_id":"nobody","frame":1}'];
const IN_FULL = 5;
export const LINES_PER_BINARY = MESSAGES.length * IN_FULL;

/** Binaries of one address: their lines fit its share. */
const PER_ADDRESS = 16;
/** As long as a server-id may be, and longer in the log, where each character is an escape of seven. */
const longId = (i: number): string => `${String(i).padStart(6, '0')}${headerText('\u0085'.repeat(61))}`;

/** Some 9 KB of log for each binary. @returns the last binary; all lines are logged */
export const floodLog = async (peers: Peers, binaries: number): Promise<Peer> => {
  let last: Peer | undefined;
  for (let first = 0; first < binaries; first += PER_ADDRESS) {
    const localAddress = `127.0.1.${1 + first / PER_ADDRESS}`;
    const count = Math.min(PER_ADDRESS, binaries - first);
    const dialled = await Promise.all(
      Array.from({ length: count }, async (_, i) => await peers.binary(longId(first + i), { localAddress })),
    );
    await Promise.all(
      dialled.map(async (binary) => {
        binary.sendTogether(MESSAGES.flatMap((message) => Array.from({ length: IN_FULL }, () => message)));
        await binary.roundTrip();
      }),
    );
    last = dialled.at(-1);
  }
  if (last === undefined) throw new Error('a flood needs a binary');
  return last;
};
