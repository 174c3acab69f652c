/** Floods a server-id: its phones send as fast as they can. */
import { clientFrame, innerFrame } from './frames.js';
import { until, wait } from './loads.js';

/**
 * Every phone sends whenever its socket accepts more. The binary only reads.
 * @param {import('./population.js').Population} population
 * @param {{ frameBytes: number, ms: number }} options
 * @returns {Promise<{ frames: number }>}
 */
export const flood = async (population, { frameBytes, ms }) => {
  const frame = clientFrame(innerFrame(frameBytes));
  population.answerWith(null);
  const heardBefore = population.binaries.reduce((sum, { heard }) => sum + heard, 0);
  const frames = () => population.binaries.reduce((sum, { heard }) => sum + heard, 0) - heardBefore;
  let sent = 0;
  const isOver = { now: false };
  for (const { socket } of population.phones) {
    const send = () => {
      for (let isTaken = true; isTaken && !isOver.now; sent++) isTaken = socket.write(frame);
    };
    socket.on('drain', send);
    send();
  }
  await wait(ms);
  isOver.now = true;
  await until(() => frames() >= sent);
  for (const { socket } of population.phones) socket.removeAllListeners('drain');
  return { frames: sent };
};
