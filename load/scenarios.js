/** What the load client does. A scenario ends with nothing under way: each connection was closed, and its close was answered. */
import { setTimeout as wait } from 'node:timers/promises';
import { inParallel } from '../bench/load/population.js';
import { within } from './within.js';

const ECHO_BYTES = 1_024;
const RECLAIMED = 4404;
const CLAIMED = 4409;
const BURST_BYTES = [1_000, 2_000, 5_000, 8_000, 3_000, 10_000];
const BURST_FRAMES = 60;
const CHUNK_BYTES = 82_000;
/** 8 MB up without a pause; down what a phone's queue of 4 MiB takes at once. */
const [CHUNKS_UP, CHUNKS_DOWN] = [98, 40];
/** Of a server-id that another binary has just left: the relay may not have seen it yet. */
const CLAIM_TRIES = 20;
const CLAIM_PAUSE_MS = 250;
const LOOK_MS = 5;
/** The mix of the clients' specification, section 4, at ten times the speed. */
const STREAMING_SHARE = 0.1;
const DELTA_MS = 25;
const DELTA_BYTES = [540, 540, 3_000, 460, 540, 1_400, 540, 3_000];
const [CAP_BYTES, CAP_EVERY] = [87_416, 64];
const RECONNECTS_PER_PHONE_AND_MS = 0.5 / 60_000;
const UPLOAD_MS = 6_000;
/** What a stream may have under way for each phone. The binary of a slow relay waits, as a daemon does. */
const MAX_OUTSTANDING = 64;

/** @typedef {import('./server-id.js').ServerId} ServerId */

/**
 * @typedef {object} Load
 * @property {import('./books.js').World} world
 * @property {readonly ServerId[]} serverIds
 * @property {number} phones on each server-id
 * @property {number} atOnce dials
 * @property {import('./random.js').Random} random
 */

/** @typedef {(load: Load, untilMs: number) => Promise<void>} Run */

/** @param {Load} load */
export const connectAll = async ({ serverIds, phones, atOnce }) => {
  await inParallel(serverIds.length, async (i) => await serverIds[i]?.claim(), atOnce);
  const held = serverIds.filter(({ binary }) => binary !== undefined);
  if (held.length > 0)
    await inParallel(held.length * phones, async (i) => await held[i % held.length]?.join(), atOnce);
};

/** @param {Load} load */
const endAll = async ({ serverIds, atOnce }) =>
  void (await inParallel(serverIds.length, async (i) => await serverIds[i]?.end(), atOnce));

/** @param {number} untilMs */
const isOver = (untilMs) => performance.now() >= untilMs;
/** @param {number} untilMs */
const waitUntil = async (untilMs) => await wait(Math.max(0, untilMs - performance.now()));

/** @param {Pick<Load, 'serverIds'>} load */
const phonesOf = ({ serverIds }) =>
  serverIds.flatMap((serverId) => [...serverId.phones].map((phone) => ({ serverId, phone })));

/** Holds the connections, then finds out whether each still works. @type {Run} */
const idle = async (load, untilMs) => {
  await waitUntil(untilMs);
  for (const serverId of load.serverIds) serverId.answer();
  const phones = phonesOf(load);
  const check = async (/** @type {number} */ i) => {
    const found = phones[i];
    found?.serverId.sendUp(found.phone, ECHO_BYTES);
    await found?.phone.quiet();
  };
  await inParallel(phones.length, check, load.atOnce);
  await endAll(load);
};

/** Each phone sends 1 KiB, and again when it has its answer. @type {Run} */
const echo = async (load, untilMs) => {
  for (const serverId of load.serverIds) {
    serverId.answer();
    serverId.books.onDown = (phone) => {
      if (!isOver(untilMs)) serverId.sendUp(phone, ECHO_BYTES);
    };
  }
  for (const { serverId, phone } of phonesOf(load)) serverId.sendUp(phone, ECHO_BYTES);
  await waitUntil(untilMs);
  await endAll(load);
};

/** @param {ServerId} serverId */
const reclaim = async (serverId) => {
  for (let tries = 0; tries < CLAIM_TRIES; tries++) {
    const phones = [...serverId.phones];
    for (const { connection } of phones) connection.isLeft = true;
    await serverId.claim();
    const { binary } = serverId;
    if (binary === undefined) return;
    // A relay says nothing on a claim. The phones of the binary before tell: they are evicted.
    const evicted = phones[0]?.connection.ended.then(() => true);
    const isHeld = await Promise.race([evicted, binary.ended.then(() => false)]);
    if (isHeld !== false) {
      await Promise.all(phones.map(async (phone) => await serverId.evicted(phone, RECLAIMED)));
      return;
    }
    binary.isLeft = true;
    await wait(CLAIM_PAUSE_MS);
  }
};

/** A rival is turned away, a phone pairs, the binary comes back, and all leave. @param {Load} load @param {ServerId} serverId */
const own = async ({ world, phones }, serverId) => {
  serverId.answer();
  await serverId.claim();
  if (serverId.binary === undefined) return;
  const joinAndSpeak = async () => {
    const phone = await serverId.join();
    if (phone !== undefined) serverId.sendUp(phone, ECHO_BYTES);
  };
  for (let i = 0; i < phones; i++) await joinAndSpeak();
  const rival = await serverId.dial('/v1/server');
  if (rival !== undefined) await serverId.closed(rival, CLAIMED);
  for (const phone of serverId.phones) await phone.quiet();
  await serverId.release();
  await within(reclaim(serverId), world.patienceMs * 2);
  await joinAndSpeak();
  await serverId.end();
};

/** Each server-id is claimed and released, once or as often as there is time for. @type {Run} */
const ownership = async (load, untilMs) => {
  const { serverIds, atOnce } = load;
  do {
    await inParallel(serverIds.length, async (i) => serverIds[i] && (await own(load, serverIds[i])), atOnce);
  } while (!isOver(untilMs));
};

/**
 * @param {ServerId} serverId
 * @param {import('./phone.js').Phone} phone
 */
const burst = (serverId, phone) => {
  for (let i = 0; i < BURST_FRAMES; i++)
    serverId.sendDown(phone, BURST_BYTES[i % BURST_BYTES.length] ?? ECHO_BYTES);
};

/** A phone goes, one comes, and gets what a daemon pushes on a connect. @param {ServerId} serverId @param {import('./random.js').Random} random */
const reconnect = async (serverId, random) => {
  const [phone] = serverId.phones;
  if (phone !== undefined) await serverId.leave(phone, random.pick([1000, 1001, 'reset']));
  const next = await serverId.join();
  if (next === undefined) return;
  burst(serverId, next);
  await next.quiet();
};

/** Phones leave and dial again, without a pause. @type {Run} */
const reconnects = async (load, untilMs) => {
  const { serverIds, atOnce, random } = load;
  const churn = async (/** @type {number} */ i) => {
    const serverId = serverIds[i];
    do if (serverId?.binary !== undefined) await reconnect(serverId, random);
    while (!isOver(untilMs));
  };
  await inParallel(serverIds.length, churn, Math.max(atOnce, serverIds.length));
  await endAll(load);
};

/** Each phone sends 8 MB without a pause, then receives 3 MB so. @type {Run} */
const upload = async (load, untilMs) => {
  const phones = phonesOf(load);
  const transfer = async (/** @type {number} */ i) => {
    const found = phones[i];
    if (found === undefined) return;
    const { serverId, phone } = found;
    do {
      for (let sent = 0; sent < CHUNKS_UP; sent++) serverId.sendUp(phone, CHUNK_BYTES);
      await phone.quiet();
      for (let sent = 0; sent < CHUNKS_DOWN; sent++) serverId.sendDown(phone, CHUNK_BYTES);
      await phone.quiet();
    } while (!isOver(untilMs) && phone.connection.isOpen);
  };
  await inParallel(phones.length, transfer, phones.length);
  await endAll(load);
};

/** Streams, reconnects and uploads. @type {Run} */
const mix = async (load, untilMs) => {
  const { serverIds, phones, random } = load;
  const streaming = serverIds.slice(0, Math.ceil(serverIds.length * STREAMING_SHARE));
  const others = serverIds.slice(streaming.length);
  /** @type {Set<ServerId>} */
  const busy = new Set();
  /** @type {Promise<void>[]} */
  const visits = [];
  const visit = async (/** @type {ServerId} */ serverId) => {
    busy.add(serverId);
    await reconnect(serverId, random);
    busy.delete(serverId);
  };
  let [deltas, nextDeltaMs, reconnectsDue, lookedMs] = [0, performance.now(), 0.5, performance.now()];
  let nextUploadMs = performance.now() + UPLOAD_MS / 6;
  for (; !isOver(untilMs); await wait(LOOK_MS)) {
    const nowMs = performance.now();
    if (nowMs >= nextDeltaMs) {
      nextDeltaMs += DELTA_MS;
      deltas++;
      const bytes =
        deltas % CAP_EVERY === 0 ? CAP_BYTES : (DELTA_BYTES[deltas % DELTA_BYTES.length] ?? ECHO_BYTES);
      for (const { serverId, phone } of phonesOf({ serverIds: streaming })) {
        if (phone.down.outstanding < MAX_OUTSTANDING) serverId.sendDown(phone, bytes);
      }
    }
    reconnectsDue += (nowMs - lookedMs) * RECONNECTS_PER_PHONE_AND_MS * serverIds.length * phones;
    lookedMs = nowMs;
    const free = others.filter((serverId) => !busy.has(serverId) && serverId.binary !== undefined);
    for (; reconnectsDue >= 1 && free.length > 0; reconnectsDue--) {
      const [chosen] = free.splice(random.below(free.length), 1);
      if (chosen !== undefined) visits.push(visit(chosen));
    }
    if (nowMs >= nextUploadMs) {
      nextUploadMs += UPLOAD_MS;
      const streams = phonesOf({ serverIds: streaming });
      const uploading = streams[random.below(Math.max(1, streams.length))];
      for (let i = 0; i < CHUNKS_UP; i++) uploading?.serverId.sendUp(uploading.phone, CHUNK_BYTES);
    }
  }
  await Promise.all(visits);
  await endAll(load);
};

/** @type {Record<string, { run: Run, connects: boolean }>} connects: everyone is connected before the time begins */
export const scenarios = {
  idle: { run: idle, connects: true },
  echo: { run: echo, connects: true },
  ownership: { run: ownership, connects: false },
  reconnect: { run: reconnects, connects: true },
  upload: { run: upload, connects: true },
  mix: { run: mix, connects: true },
};
