/** Frames in both directions, at a steady rate, whatever else happens. */

const TICK_MS = 10;
const LATE_MS = 100;
/** The frames of a streaming turn, and now and then one at the cap of a daemon. */
const BYTES = [540, 540, 3_000, 460, 540, 1_400, 540, 240];
const [CAP_BYTES, CAP_EVERY] = [87_416, 512];
const UP_SHARE = 0.4;
/** Of one phone and direction. Who is slow gets no more, as from a daemon that sheds its deltas before it seals them. */
const MAX_OUTSTANDING = 64;

/**
 * @param {readonly import('./daemon.js').Daemon[]} daemons
 * @param {number} framesPerSecond
 * @param {import('../load/random.js').Random} random
 * @returns {() => void} ends it
 */
export const startTraffic = (daemons, framesPerSecond, random) => {
  let [due, lastMs, sent] = [0, performance.now(), 0];
  const sendOne = () => {
    const daemon = random.pick(daemons);
    const fate = random.pick(daemon.phones);
    const { binary } = daemon;
    if (fate === undefined || binary === undefined || !daemon.isUsable(fate)) return;
    const bytes = ++sent % CAP_EVERY === 0 ? CAP_BYTES : random.pick(BYTES);
    const { phone } = fate;
    if (random.chance(UP_SHARE)) {
      if (phone.up.outstanding < MAX_OUTSTANDING) daemon.books.sendUp(phone, bytes);
    } else if (phone.down.outstanding < MAX_OUTSTANDING) daemon.books.sendDown(binary, phone, bytes);
  };
  const timer = setInterval(() => {
    const nowMs = performance.now();
    // A process that is late has enough to do: what it has missed is not made up for.
    due = nowMs - lastMs > LATE_MS ? 0 : due + (nowMs - lastMs) * (framesPerSecond / 1_000);
    lastMs = nowMs;
    for (; due >= 1; due--) sendOne();
  }, TICK_MS);
  return () => clearInterval(timer);
};
