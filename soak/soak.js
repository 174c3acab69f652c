/** Runs the plan against a relay, with traffic, and says what was wrong. */
import { setTimeout as wait } from 'node:timers/promises';
import { Histogram } from '../load/histogram.js';
import { openDescriptors, residentBytes } from '../load/process-facts.js';
import { Random } from '../load/random.js';
import { RelayProcess } from '../load/relay-process.js';
import { noCounts } from '../load/stream.js';
import { Daemon } from './daemon.js';
import { binaryFaults, phoneFaults } from './faults.js';
import { levelOf, returned } from './level.js';
import { planFaults } from './plan.js';
import { LATE_MS, Stalls, VERY_LATE_MS } from './stalls.js';
import { startTraffic } from './traffic.js';

const GRACE_MS = 3_000;
/** Short times, so that each of them passes in a short soak. */
const FLAGS = [
  ...['--grace', `${GRACE_MS}ms`, '--heartbeat-interval', '5s', '--heartbeat-timeout', '5s'],
  ...['--probe-timeout', '2s', '--write-timeout', '5s', '--message-timeout', '5s'],
];
/** What a relay keeps of a burst is garbage, or it leaks. */
const [MEMORY_GROWTH, MEMORY_SLACK_BYTES] = [1.3, 64 * 2 ** 20];
const WARM_MS = 10_000;
const MAX_PAUSE_MS = 300;
const MAX_NOTES = 50;

/**
 * @typedef {object} Options
 * @property {number} seed
 * @property {number} durationMs
 * @property {number} serverIds
 * @property {number} phones
 * @property {number} framesPerSecond
 * @property {number} patienceMs
 * @property {import('../load/connection.js').Target | undefined} target
 */

/** Our own relay, which restarts on its port. */
class OwnRelay {
  /** @type {import('./daemon.js').Situation} */
  #situation;
  problems = /** @type {string[]} */ ([]);
  warmBytes = 0;
  peakBytes = 0;
  #startMs = performance.now();
  reloads = 0;
  /** Pending during a restart. */
  #restarted = Promise.resolve();

  /**
   * @param {RelayProcess} process
   * @param {import('./daemon.js').Situation} situation
   */
  constructor(process, situation) {
    this.process = process;
    this.#situation = situation;
  }

  async reload() {
    await this.#restarted;
    this.reloads++;
    this.process.signal('SIGHUP');
  }

  async restart() {
    this.#restarted = this.#startAnew();
    await this.#restarted;
  }

  async #startAnew() {
    const { port } = this.process;
    this.#situation.restarts++;
    const code = await this.process.stop();
    if (code !== 0) this.problems.push(`the relay ended with ${code} on SIGTERM`);
    this.process = await RelayProcess.start(FLAGS, port);
    this.#startMs = performance.now();
    this.warmBytes = 0;
    this.#situation.restarts++;
  }

  /** Samples its memory. */
  look() {
    if (this.#situation.restarts % 2 === 1) return;
    const bytes = residentBytes(this.process.pid);
    this.peakBytes = Math.max(this.peakBytes, bytes);
    if (performance.now() - this.#startMs > WARM_MS) this.warmBytes ||= bytes;
  }

  /** @param {import('./level.js').Level} before @param {number} patienceMs */
  async settle(before, patienceMs) {
    const { after, problems } = await returned(this.process, before, patienceMs);
    const endBytes = residentBytes(this.process.pid);
    const warmBytes = this.warmBytes || this.peakBytes;
    if (endBytes > warmBytes * MEMORY_GROWTH + MEMORY_SLACK_BYTES)
      problems.push(`resident memory: ${warmBytes} when warm, ${endBytes} at the end`);
    return {
      problems: [...this.problems, ...problems],
      facts: {
        reloads: this.reloads,
        restarts: this.#situation.restarts / 2,
        rss_bytes: { warm: warmBytes, peak: this.peakBytes, end: endBytes },
        descriptors: { start: before.descriptors, end: openDescriptors(this.process.pid) },
        heap_bytes: { start: before.heapBytes, end: after.heapBytes },
        // Those that are not 0.
        level: Object.fromEntries(Object.entries(after.series).filter(([, value]) => value !== 0)),
      },
    };
  }
}

/**
 * @param {Options} options
 * @param {(counts: import('../load/stream.js').Counts, elapsedMs: number) => void} onProgress
 */
export const soak = async (options, onProgress) => {
  const { seed, durationMs, serverIds, phones, patienceMs } = options;
  const plan = planFaults(seed, durationMs, { serverIds, phones });
  const random = new Random(seed ^ 0x5eed);
  const stalls = new Stalls();
  /** @type {string[]} */
  const notes = [];
  const situation = {
    isOver: false,
    restarts: 0,
    wasLate: () => stalls.isRecent(LATE_MS),
    wasVeryLate: () => stalls.isRecent(VERY_LATE_MS),
    pauseMs: () => random.below(MAX_PAUSE_MS),
  };
  const process = options.target === undefined ? await RelayProcess.start(FLAGS) : undefined;
  const own = process && new OwnRelay(process, situation);
  const before = process && (await levelOf(process));
  const target = options.target ?? {
    ...{ isTls: false, host: '127.0.0.1', port: process?.port ?? 0, path: '', ca: undefined },
    token: undefined,
  };
  const startMs = performance.now();
  const elapsedMs = () => performance.now() - startMs;
  const world = {
    target,
    run: `${globalThis.process.pid.toString(36)}${Date.now().toString(36)}`,
    counts: noCounts(),
    latency: new Histogram(),
    patienceMs,
    note: (/** @type {string} */ problem) => {
      if (notes.length < MAX_NOTES) notes.push(`${Math.round(elapsedMs() / 1_000)} s: ${problem}`);
    },
  };
  const daemons = Array.from({ length: serverIds }, (_, i) => new Daemon(world, situation, i, phones));
  for (const daemon of daemons) daemon.start();
  const endTraffic = startTraffic(daemons, options.framesPerSecond, random);

  /** Faults that have happened, by kind. @type {Record<string, number>} */
  const happened = {};
  let skipped = 0;
  /** @type {Set<Promise<void>>} */
  const underWay = new Set();
  const perform = async (/** @type {import('./plan.js').Step} */ { kind, server, phone, choice }) => {
    if (kind === 'reload' || kind === 'restart') {
      await own?.[kind]();
      return;
    }
    const daemon = daemons[server];
    const binary = daemon?.binary;
    const isHeld = daemon?.isCertain && !daemon.isBusy && !daemon.isFrozen && binary?.isClosing === false;
    const fate = daemon?.phones[phone];
    if (daemon === undefined || binary === undefined || !isHeld) {
      skipped++;
      return;
    }
    const scene = { daemon, binary, choice, situation, target, graceMs: GRACE_MS };
    const isPhoneFault = phoneFaults[kind] !== undefined;
    if (isPhoneFault && (fate === undefined || fate.isSlow || !daemon.isUsable(fate))) {
      skipped++;
      return;
    }
    happened[kind] = (happened[kind] ?? 0) + 1;
    if (fate !== undefined) await phoneFaults[kind]?.({ ...scene, fate });
    await binaryFaults[kind]?.(scene);
  };

  const look = () => {
    own?.look();
    onProgress(world.counts, elapsedMs());
  };
  const looking = setInterval(look, 500);
  for (const step of plan.steps) {
    await wait(Math.max(0, step.atMs - elapsedMs()));
    const running = perform(step);
    underWay.add(running);
    void running.finally(() => underWay.delete(running));
  }
  await wait(Math.max(0, durationMs - elapsedMs()));
  endTraffic();
  await Promise.all(underWay);
  situation.isOver = true;
  await Promise.all(daemons.map(async (daemon) => await daemon.end()));
  clearInterval(looking);
  stalls.end();
  const settled = before && (await own?.settle(before, GRACE_MS + patienceMs));
  await own?.process.stop();
  return {
    plan: { digest: plan.digest, steps: plan.steps.length },
    counts: world.counts,
    latency: world.latency,
    happened,
    skipped,
    stalls: stalls.count,
    problems: settled?.problems ?? [],
    relay: settled?.facts ?? null,
    notes,
  };
};
