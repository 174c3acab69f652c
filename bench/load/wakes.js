/** A binary that asks for wakes without end. */
import { dial } from './client.js';
import { clientFrame } from './frames.js';
import { wait } from './loads.js';

/** As a daemon asks; the length of the token is that of FCM's. */
const WAKE = clientFrame(
  Buffer.from(JSON.stringify({ push_wake: { platform: 'fcm', token: 'bench'.repeat(32) } })),
);

/**
 * @param {number} port
 * @param {{ perSecond: number | null, ms: number }} options null: as fast as its socket takes them
 * @returns {Promise<{ sent: number }>}
 */
export const askForWakes = async (port, { perSecond, ms }) => {
  const { socket, send, reset } = await dial(port, '/v1/server', 'waking');
  const startMs = performance.now();
  let sent = 0;
  const end = { isCome: false };
  const sendAll = () => {
    for (let isTaken = true; isTaken && !end.isCome; sent++) isTaken = socket.write(WAKE);
  };
  if (perSecond === null) {
    socket.on('drain', sendAll);
    sendAll();
    await wait(ms);
  } else {
    for (let elapsedMs = 0; elapsedMs < ms; elapsedMs = performance.now() - startMs) {
      for (; sent < (elapsedMs * perSecond) / 1_000; sent++) send(WAKE);
      await wait(1);
    }
  }
  end.isCome = true;
  reset();
  return { sent };
};
