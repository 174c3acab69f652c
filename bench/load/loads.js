/** The loads. Each returns how many frames the peer forwarded and the CPU time it used. */
import { cpuMs } from '../measure/cpu.js';
import { clientFrame, innerFrame } from './frames.js';

/**
 * @typedef {object} Window
 * @property {number} frames forwarded by the peer
 * @property {number} ms
 * @property {number} cpuMs of the peer
 */

/** @param {number} ms */
export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const LOOK_EVERY_MS = 5;
/** Timeout, so that a lost frame cannot block the benchmark for ever. */
const PATIENCE_MS = 30_000;

/**
 * Polls until `isSo` returns true.
 * @param {() => boolean} isSo
 */
export const until = async (isSo) => {
  for (let leftMs = PATIENCE_MS; !isSo(); leftMs -= LOOK_EVERY_MS) {
    if (leftMs <= 0) throw new Error('a frame was lost: what was waited for did not come');
    await wait(LOOK_EVERY_MS);
  }
};

/**
 * Counts frames and CPU time over a time window.
 * @param {number | readonly number[]} pid
 * @param {number} ms
 * @param {() => number} framesSoFar
 * @returns {Promise<Window>}
 */
export const measureWindow = async (pid, ms, framesSoFar) => {
  const [frames, cpu, startMs] = [framesSoFar(), cpuMs(pid), performance.now()];
  await wait(ms);
  return { frames: framesSoFar() - frames, cpuMs: cpuMs(pid) - cpu, ms: performance.now() - startMs };
};

export const WARM_UP_MS = 250;

/**
 * Every phone keeps `inFlight` frames in flight; each is answered with a frame of the same size.
 * @param {import('./population.js').Population} population
 * @param {number | readonly number[]} pid
 * @param {{ frameBytes: number, inFlight: number, ms: number }} options
 */
export const echo = async (population, pid, { frameBytes, inFlight, ms }) => {
  const frame = clientFrame(innerFrame(frameBytes));
  population.answerWith(frameBytes);
  let answers = 0;
  let underWay = 0;
  let isOver = false;
  for (const phone of population.phones) {
    phone.onMessage((payload) => {
      if (payload.length !== frameBytes) throw new Error(`a frame of ${payload.length} bytes came back`);
      answers++;
      underWay--;
      if (isOver) return;
      underWay++;
      phone.send(frame);
    });
    for (let i = 0; i < inFlight; i++) {
      underWay++;
      phone.send(frame);
    }
  }
  await wait(WARM_UP_MS);
  // An echo is forwarded twice: to the binary and back.
  const window = await measureWindow(pid, ms, () => 2 * answers);
  isOver = true;
  await until(() => underWay === 0);
  return window;
};

/**
 * One binary repeatedly sends a frame to each of its phones.
 * @param {import('./population.js').Population} population
 * @param {number} pid
 * @param {{ frameBytes: number, roundsInFlight: number, ms: number }} options
 */
export const fanOut = async (population, pid, { frameBytes, roundsInFlight, ms }) => {
  const [binary] = population.binaries;
  if (binary === undefined) throw new TypeError('a peer that only passes bytes through cannot fan out');
  population.answerWith(null);
  binary.inner = innerFrame(frameBytes);
  let delivered = 0;
  let sent = 0;
  let isOver = false;
  const sendRound = () => {
    for (const connId of binary.connIds) binary.send(connId);
    sent += binary.connIds.size;
  };
  for (const phone of population.phones) {
    phone.onMessage(() => {
      delivered++;
      if (!isOver && sent - delivered <= (roundsInFlight - 1) * binary.connIds.size) sendRound();
    });
  }
  sendRound();
  await wait(WARM_UP_MS);
  const window = await measureWindow(pid, ms, () => delivered);
  isOver = true;
  await until(() => delivered === sent);
  return window;
};

/**
 * One phone sends a file in chunks, without pacing, as the mobile client does.
 * @param {import('./population.js').Population} population
 * @param {number} pid
 * @param {{ frameBytes: number, chunks: number }} options
 * @returns {Promise<Window>}
 */
export const upload = async (population, pid, { frameBytes, chunks }) => {
  const frame = clientFrame(innerFrame(frameBytes));
  const [phone] = population.phones;
  if (phone === undefined) throw new TypeError('nobody to send');
  const [binary] = population.binaries;
  population.answerWith(binary === undefined ? 100 : null);
  // A pass-through peer has no binary to count frames, so each is answered with a small one, which the phone counts.
  let answers = 0;
  phone.onMessage(() => answers++);
  const before = binary?.heard ?? 0;
  const heard = () => (binary === undefined ? answers : binary.heard - before);
  const [cpu, startMs] = [cpuMs(pid), performance.now()];
  for (let i = 0; i < chunks; i++) phone.send(frame);
  await until(() => heard() >= chunks);
  return { frames: chunks, cpuMs: cpuMs(pid) - cpu, ms: performance.now() - startMs };
};
