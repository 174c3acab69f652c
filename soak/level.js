/**
 * What a relay that nobody is connected to must have as much of as before: connections, queues, actors, descriptors. Each timer of a
 * chart belongs to an actor.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { openDescriptors } from '../load/process-facts.js';

const LEVELLED =
  /^pyrycode_relay_(connected_|connections\b|server_ids|unfinished_|queued_bytes|backlog_bytes|closing_|actors|paused_)/;
/** Descriptors of the scrape's own connection, and of one that Node keeps for the next. */
const SPARE_DESCRIPTORS = 3;
const LOOK_MS = 250;

/** @typedef {{ descriptors: number, heapBytes?: number | undefined, series: Record<string, number> }} Level */

/**
 * @param {import('../load/relay-process.js').RelayProcess} relay
 * @returns {Promise<Level>}
 */
export const levelOf = async (relay) => {
  const all = await relay.series();
  const series = Object.fromEntries([...all].filter(([name]) => LEVELLED.test(name)));
  const heapBytes = all.get('nodejs_heap_size_used_bytes');
  return { descriptors: openDescriptors(relay.pid), heapBytes, series };
};

/**
 * @param {Level} before
 * @param {Level} after
 * @returns {string[]} what is higher than it was
 */
export const risen = (before, after) => {
  const found = Object.entries(after.series)
    .filter(([name, value]) => value > (before.series[name] ?? 0))
    .map(([name, value]) => `${name}: ${before.series[name] ?? 0} before, ${value} after`);
  if (after.descriptors > before.descriptors + SPARE_DESCRIPTORS)
    found.push(`descriptors: ${before.descriptors} before, ${after.descriptors} after`);
  return found;
};

/**
 * Waits for the level to fall.
 * @param {import('../load/relay-process.js').RelayProcess} relay
 * @param {Level} before
 * @param {number} patienceMs
 */
export const returned = async (relay, before, patienceMs) => {
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    const after = await levelOf(relay);
    const problems = risen(before, after);
    if (problems.length === 0 || performance.now() > untilMs) return { after, problems };
    await wait(LOOK_MS);
  }
};
