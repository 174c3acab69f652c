/** Which fault happens when, and to whom: decided by the seed alone. */
import { createHash } from 'node:crypto';
import { Random } from '../load/random.js';

/** Faults, and how often each happens among the others. What each does is in faults.js. */
const WEIGHTS = /** @type {const} */ ({
  burst: 10,
  phoneCloses: 10,
  phoneResets: 10,
  phoneFreezes: 5,
  phoneReadsSlowly: 4,
  phoneIsHalfOpen: 3,
  phoneOverflows: 2,
  phoneSendsGarbage: 3,
  upload: 2,
  directive: 8,
  brokenEnvelope: 3,
  unknownConnId: 3,
  binaryCloses: 4,
  binaryResets: 4,
  binaryStaysAway: 2,
  takeover: 3,
  conflict: 4,
  halfRequest: 4,
});

/** @typedef {keyof typeof WEIGHTS} FaultKind */
/** @typedef {{ atMs: number, kind: FaultKind | 'reload' | 'restart', server: number, phone: number, choice: number }} Step */

const FAULTS_PER_SERVER_ID_AND_S = 0.15;
/** Reloads and restarts: shares of the whole time. */
const RELOADS = [0.1, 0.3, 0.55, 0.8];
const RESTARTS = [0.4];
/** A long soak has more of them, so that one comes at least this often. */
const RELOAD_EVERY_MS = 120_000;

/** @param {number} durationMs */
const reloadTimes = (durationMs) =>
  durationMs < RELOAD_EVERY_MS * RELOADS.length
    ? RELOADS.map((share) => share * durationMs)
    : Array.from({ length: Math.floor(durationMs / RELOAD_EVERY_MS) }, (_, i) => (i + 0.5) * RELOAD_EVERY_MS);

/**
 * @param {number} seed
 * @param {number} durationMs
 * @param {{ serverIds: number, phones: number }} size
 * @returns {{ steps: Step[], digest: string }} in the order of time; the digest tells two plans apart
 */
export const planFaults = (seed, durationMs, { serverIds, phones }) => {
  const random = new Random(seed);
  /** @type {FaultKind[]} */
  const bag = Object.entries(WEIGHTS).flatMap(([kind, weight]) =>
    Array.from({ length: weight }, () => /** @type {FaultKind} */ (kind)),
  );
  const step = (/** @type {Step['kind']} */ kind, /** @type {number} */ atMs) => ({
    atMs: Math.round(atMs),
    kind,
    server: random.below(serverIds),
    phone: random.below(Math.max(1, phones)),
    choice: random.integer(),
  });
  const count = Math.ceil((durationMs / 1_000) * serverIds * FAULTS_PER_SERVER_ID_AND_S);
  const steps = Array.from({ length: count }, () =>
    step(random.pick(bag), (random.integer() / 2 ** 32) * durationMs),
  );
  for (const atMs of reloadTimes(durationMs)) steps.push(step('reload', atMs));
  for (const share of RESTARTS) steps.push(step('restart', share * durationMs));
  steps.sort((a, b) => a.atMs - b.atMs);
  return { steps, digest: createHash('sha256').update(JSON.stringify(steps)).digest('hex').slice(0, 16) };
};
