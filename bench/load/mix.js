/** A realistic mix (specification of the clients, section 4), at ten times the speed. */
import { cpuMs } from '../measure/cpu.js';
import { dial } from './client.js';
import { clientFrame, innerFrame } from './frames.js';
import { wait } from './loads.js';

export const SPEED_UP = 10;
const STREAMING_SHARE = 0.1;
const DELTA_INTERVAL_MS = 250 / SPEED_UP;
/** Sizes of assistant deltas, short and long, of tool uses and of tool results. One frame in 64 is a result at the cap. */
const STREAMED_BYTES = [540, 540, 3_000, 460, 540, 1_400, 540, 3_000];
const CAP_BYTES = 87_416;
const CAP_EVERY = 64;
const RECONNECTS_PER_MS = (0.05 / 60_000) * SPEED_UP;
const BURST_BYTES = [1_000, 2_000, 5_000, 8_000, 3_000, 10_000];
const BURST_FRAMES = 60;
const UPLOAD_INTERVAL_MS = 60_000 / SPEED_UP;
const UPLOAD_CHUNKS = 98;
const UPLOAD_BYTES = 82_000;
const NEVER_READING = 3;
const TICK_MS = 5;

/** @type {Map<number, Buffer>} */
const inners = new Map();
/** @param {number} bytes */
const innerOf = (bytes) => {
  let inner = inners.get(bytes);
  if (inner === undefined) inners.set(bytes, (inner = innerFrame(bytes)));
  return inner;
};

/**
 * @param {import('./population.js').Population} population two phones per server-id; phone i is on server-id i modulo the
 * number of server-ids
 * @param {{ pid: number, port: number, prefix: string, ms: number }} options
 */
export const mix = async (population, { pid, port, prefix, ms }) => {
  const { binaries, phones } = population;
  population.answerWith(null);
  /** @type {number[]} */
  const latenciesMs = [];
  let forwarded = 0;
  const streaming = binaries.slice(0, Math.ceil(binaries.length * STREAMING_SHARE));
  // Phones that read nothing still receive a stream; they belong to the last streaming server-ids.
  const stalled = phones.slice(streaming.length - NEVER_READING, streaming.length);
  for (const { socket } of stalled) socket.pause();
  // A stream goes to every phone of its binary. The time from a tick to each of its deltas is the latency.
  for (const phone of phones) {
    phone.onMessage(() => {
      forwarded++;
      latenciesMs.push(performance.now() - lastTickMs);
    });
  }
  let deltas = 0;
  let lastTickMs = performance.now();
  let reconnectsDue = 0;
  let nextUploadMs = UPLOAD_INTERVAL_MS / 2;
  let nextDeltaMs = 0;
  /** @type {Promise<void>[]} */
  const visits = [];
  const visit = async (/** @type {number} */ server) => {
    const binary = binaries[server];
    if (binary === undefined) return;
    const arrived = new Promise((resolve) => {
      binary.onMessage = (connId) => {
        binary.onMessage = () => {};
        for (let i = 0; i < BURST_FRAMES; i++) {
          binary.send(connId, innerOf(BURST_BYTES[i % BURST_BYTES.length] ?? 1_000));
        }
        resolve(connId);
      };
    });
    const phone = await dial(port, '/v1/client', `${prefix}-${server}`);
    let got = 0;
    const done = new Promise((resolve) => {
      phone.onMessage(() => {
        got++;
        forwarded++;
        if (got === BURST_FRAMES) resolve(undefined);
      });
    });
    phone.send(clientFrame(innerOf(1_200)));
    const connId = /** @type {string} */ (await arrived);
    await Promise.race([done, wait(5_000)]);
    binary.forget(connId);
    phone.socket.destroy();
  };
  const [cpu, startMs] = [cpuMs(pid), performance.now()];
  const heardBefore = binaries.reduce((sum, { heard }) => sum + heard, 0);
  for (let elapsed = 0; elapsed < ms; elapsed = performance.now() - startMs) {
    if (elapsed >= nextDeltaMs) {
      nextDeltaMs += DELTA_INTERVAL_MS;
      lastTickMs = performance.now();
      for (const binary of streaming) {
        deltas++;
        const bytes =
          deltas % CAP_EVERY === 0 ? CAP_BYTES : (STREAMED_BYTES[deltas % STREAMED_BYTES.length] ?? 540);
        for (const connId of binary.connIds) binary.send(connId, innerOf(bytes));
      }
    }
    reconnectsDue += RECONNECTS_PER_MS * phones.length * TICK_MS;
    for (; reconnectsDue >= 1; reconnectsDue--) {
      visits.push(visit(streaming.length + (visits.length % (binaries.length - streaming.length))));
    }
    if (elapsed >= nextUploadMs) {
      nextUploadMs += UPLOAD_INTERVAL_MS;
      const chunk = clientFrame(innerOf(UPLOAD_BYTES));
      for (let i = 0; i < UPLOAD_CHUNKS; i++) phones.at(-1)?.send(chunk);
    }
    await wait(TICK_MS);
  }
  await Promise.all(visits);
  const heard = binaries.reduce((sum, binary) => sum + binary.heard, 0) - heardBefore;
  const window = {
    frames: forwarded + heard,
    cpuMs: cpuMs(pid) - cpu,
    ms: performance.now() - startMs,
  };
  for (const { socket } of stalled) socket.resume();
  await wait(200);
  return { window, latenciesMs };
};
