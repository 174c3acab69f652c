/** Which transitions of the server chart cannot follow each other by what peers do, whatever the target, and why. */
import type { PairException } from '../testing/coverage-report.ts';

const HELD = 'server.claimed.held';
const LEAVES_TO_GRACE = 'server.claimed.held on binary.left [0]';
const UNHEARD = 'server.claimed on phone.unheard [0]';
const DISMISSED = 'server.claimed.held on phone.dismissed [0]';
/** After these, the holder is being probed. */
const PROBES: ReadonlySet<string> = new Set([
  'server.claimed.held.live on binary.claimed [0]',
  'server.claimed.held.probing on binary.claimed [0]',
  'server.claimed.held.probing on binary.claimed [1]',
  'server.claimed.held.probing on binary.left [2]',
]);

export const PAIR_EXCEPTIONS: readonly PairException[] = [
  {
    reason: 'no event on the wire: the chart hears of it when a socket has ended',
    holdsFor: (...pair) => pair.some((key) => key.includes(' on phone.ended ')),
  },
  {
    reason: 'a phone is not heard in grace only, and the chart hears of no frame while a binary holds',
    holdsFor: (first, second) =>
      (first === UNHEARD && second.startsWith(HELD)) ||
      (second === UNHEARD && first.startsWith(HELD) && first !== LEAVES_TO_GRACE),
  },
  {
    reason: 'a holder that dismisses while it is probed has answered the probe by that',
    holdsFor: (first, second) =>
      (first === DISMISSED && second.startsWith(`${HELD}.probing`)) ||
      (second === DISMISSED && PROBES.has(first)),
  },
  {
    reason:
      'a race that no peer can force: with one in line, and with a full line, [2] is of a connection that was let go',
    holdsFor: (first, second) =>
      (first === `${HELD}.live on binary.claimed [0]` && second === `${HELD}.probing on binary.left [2]`) ||
      (first === `${HELD}.probing on binary.left [2]` && second === `${HELD}.probing on binary.claimed [1]`),
  },
];
