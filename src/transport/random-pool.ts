/** Random bytes from a cryptographic source, drawn a page at a time: a draw takes longer than all else about a conn id. */
import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4_096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/**
 * Fills `target` with bytes that nobody has had before and nobody will have again.
 * @throws RangeError when it is longer than a page
 */
export const fillRandom = (target: Uint8Array): void => {
  if (target.length > POOL_BYTES) throw new RangeError(`at most ${POOL_BYTES} random bytes at a time`);
  if (used + target.length > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const drawn = pool.subarray(used, used + target.length);
  target.set(drawn);
  // Nothing that has been given out stays behind to be read again.
  drawn.fill(0);
  used += target.length;
};
