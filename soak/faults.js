/** What each fault of the plan does. One that finds nobody to happen to is skipped. */
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { upgradeRequest } from '../load/connection.js';
import { within } from '../load/within.js';

const BURST_BYTES = [1_000, 2_000, 5_000, 8_000, 3_000, 10_000];
const BURST_FRAMES = 60;
const CHUNK_BYTES = 82_000;
const UPLOAD_CHUNKS = 24;
/** More than a phone's queue of 4 MiB, and what its socket takes besides. */
const OVERFLOW_CHUNKS = 140;
const [OVERFLOW_BYTES, LAST_BYTES] = [87_416, 600];
const OWN_CODES = [1000, 1001, 3000, 4000];
const DIRECTIVE_CODES = [4401, 4408, 4410, 4412, 4413, 4421, 4426];
const NORMAL = 1000;
const CLAIMED = 4409;
const GOING_AWAY = 1001;
/** Longer than the relay may take for anything. */
const LONG_MS = 30_000;
/** What no relay forwards: not JSON, no conn id, a wrong type, nothing in it. */
const BROKEN_ENVELOPES = ['{', '{"frame":{}}', '{"conn_id":5,"frame":{}}', '{"conn_id":"c-1"}', '[]'];

/**
 * @typedef {object} Scene
 * @property {import('./daemon.js').Daemon} daemon
 * @property {import('../load/connection.js').Connection} binary that holds the server-id
 * @property {number} choice a random integer
 * @property {import('./daemon.js').Situation} situation
 * @property {import('../load/connection.js').Target} target
 * @property {number} graceMs
 */
/** @typedef {Scene & { fate: import('./daemon.js').PhoneFate }} PhoneScene */

/**
 * @template T
 * @param {readonly T[]} from
 * @param {number} choice
 */
const pick = (from, choice) => /** @type {T} */ (from[choice % from.length]); // The index is below the length.

/**
 * @param {PhoneScene} scene
 * @param {readonly number[]} sizes in turn
 * @param {number} count
 */
const sendDown = ({ daemon, binary, fate }, sizes, count) => {
  for (let i = 0; i < count && daemon.isUsable(fate); i++)
    daemon.books.sendDown(binary, fate.phone, pick(sizes, i));
};

/**
 * The relay must close the phone now.
 * @param {PhoneScene} scene
 * @param {string} why
 */
const mustEnd = async ({ daemon, fate }, why) => {
  if ((await within(fate.phone.connection.ended, LONG_MS)) !== undefined) return;
  daemon.unclean(`phone ${fate.phone.number} is still open: ${why}`);
  fate.phone.connection.reset();
};

/** Phones that behave as phones may, or do not. @type {Record<string, (scene: PhoneScene) => void | Promise<void>>} */
export const phoneFaults = {
  burst: (scene) => sendDown(scene, BURST_BYTES, BURST_FRAMES),
  upload: ({ daemon, fate }) => {
    for (let i = 0; i < UPLOAD_CHUNKS; i++) daemon.books.sendUp(fate.phone, CHUNK_BYTES);
  },
  phoneCloses: async (scene) => {
    const { fate, choice } = scene;
    fate.ownCode = pick(OWN_CODES, choice);
    void fate.phone.connection.close(fate.ownCode);
    await mustEnd(scene, 'it has sent a close frame');
  },
  phoneResets: ({ fate }) => fate.phone.connection.reset(),
  phoneFreezes: async (scene) => {
    const { fate, choice } = scene;
    fate.isSlow = true;
    fate.phone.connection.pause();
    sendDown(scene, BURST_BYTES, BURST_FRAMES);
    await wait(200 + (choice % 3_000));
    fate.phone.connection.resume();
  },
  phoneReadsSlowly: async (scene) => {
    const { fate } = scene;
    fate.isSlow = true;
    for (let round = 0; round < 12; round++) {
      fate.phone.connection.pause();
      sendDown(scene, BURST_BYTES, BURST_FRAMES / 4);
      await wait(150);
      fate.phone.connection.resume();
      await wait(50);
    }
  },
  /** Its network is gone: it takes nothing and answers nothing, until the relay gives it up. */
  phoneIsHalfOpen: async (scene) => {
    const { daemon, fate } = scene;
    fate.isSlow = true;
    fate.isSilent = true;
    fate.phone.connection.pause();
    await within(Promise.race([fate.phone.notice, scene.binary.ended]), LONG_MS);
    if (!fate.phone.noticed && daemon.binary === scene.binary && scene.binary.isOpen)
      daemon.unclean(`phone ${fate.phone.number} answers nothing, and is not given up`);
    fate.phone.connection.resume();
    if (fate.phone.noticed) await mustEnd(scene, 'its binary was told that it has gone');
  },
  phoneOverflows: async (scene) => {
    const { fate } = scene;
    fate.isSlow = true;
    fate.phone.connection.pause();
    sendDown(scene, [OVERFLOW_BYTES], OVERFLOW_CHUNKS);
    await wait(1_000);
    fate.phone.connection.resume();
  },
  phoneSendsGarbage: async (scene) => {
    const { fate, choice } = scene;
    fate.hasSentGarbage = true;
    fate.phone.connection.send(Buffer.from(pick(['', '{"v":2', 'hello', '{}{}', '\u0000'], choice)));
    await mustEnd(scene, 'it has sent what is not JSON');
  },
  /** The binary has it closed, behind all that it has sent it. */
  directive: async (scene) => {
    const { daemon, binary, fate, choice } = scene;
    sendDown(scene, BURST_BYTES, choice % BURST_FRAMES);
    const code = pick(DIRECTIVE_CODES, choice);
    const { connId } = fate.phone;
    const frame = daemon.books.encodeDown(fate.phone, LAST_BYTES).toString('latin1');
    binary.send(Buffer.from(`{"conn_id":"${connId}","frame":${frame},"close_code":${code}}`));
    fate.directive = code;
    await mustEnd(scene, 'its binary has asked for its end');
  },
};

/**
 * No other fault may touch the binary meanwhile.
 * @param {Scene['daemon']} daemon
 * @param {() => Promise<void>} act
 */
const busily = async (daemon, act) => {
  daemon.isBusy = true;
  try {
    await act();
  } finally {
    daemon.isBusy = false;
  }
};

/** @param {Scene} scene */
const closeBinary = async ({ daemon, binary, situation: { restarts }, situation }) => {
  // The relay may see the end before this side does.
  daemon.hand(undefined);
  const code = await binary.close(NORMAL);
  // The relay began to stop meanwhile, or was stopping already, and the two closes crossed.
  const hasRestarted = situation.restarts !== restarts || restarts % 2 === 1;
  if (code !== NORMAL && !(hasRestarted && code === GOING_AWAY))
    daemon.unclean(`the binary closed with ${NORMAL}, and was answered with ${code}`);
};

/** Binaries, and what comes from elsewhere. @type {Record<string, (scene: Scene) => void | Promise<void>>} */
export const binaryFaults = {
  brokenEnvelope: ({ binary, choice }) => void binary.send(Buffer.from(pick(BROKEN_ENVELOPES, choice))),
  /** Wherever this came, it would be foreign. */
  unknownConnId: ({ binary, choice }) =>
    void binary.send(
      Buffer.from(`{"conn_id":"c-${String(choice).padStart(16, '0')}","frame":{"stray":true}}`),
    ),
  /** It comes back in its grace. */
  binaryCloses: async (scene) => await busily(scene.daemon, async () => await closeBinary(scene)),
  binaryResets: ({ daemon, binary }) => {
    daemon.hand(undefined);
    binary.reset();
  },
  binaryStaysAway: async (scene) => {
    const { daemon, graceMs } = scene;
    daemon.isAway = true;
    await busily(daemon, async () => await closeBinary(scene));
    await wait(graceMs + 500);
    daemon.isAway = false;
  },
  /** The binary is half-open, and its successor claims. */
  takeover: async ({ daemon, binary, situation: { restarts } }) =>
    await busily(daemon, async () => {
      daemon.freeze(binary);
      const successor = await daemon.dial('/v1/server');
      if (successor !== undefined) {
        daemon.hand(successor);
        daemon.watchBinary(successor, restarts);
        await within(successor.ended, 4_000);
      }
      daemon.thaw(binary);
      if (daemon.binary === binary) return;
      const ended = await within(binary.ended, LONG_MS);
      if (ended === undefined && !successor?.isClosing) daemon.unclean('a displaced binary is still open');
      if (ended === undefined) binary.reset();
    }),
  /** A second daemon claims while the first is alive. */
  conflict: async ({ daemon, binary, situation, situation: { restarts } }) =>
    await busily(daemon, async () => {
      const rival = await daemon.dial('/v1/server');
      if (rival === undefined) return;
      rival.isLeft = true;
      const code = await within(rival.ended, LONG_MS);
      rival.reset();
      const isUndisturbed = situation.restarts === restarts && !binary.isClosing && !situation.wasLate();
      if (code !== CLAIMED && isUndisturbed)
        daemon.unclean(`a rival was closed with ${code ?? 'nothing'} instead of ${CLAIMED}`);
    }),
  /** A request that stops in the middle, and is reset. */
  halfRequest: async ({ daemon, target, choice }) => {
    if (target.isTls) return;
    const request = upgradeRequest(target, '/v1/client', daemon.books.name);
    const socket = connect({ host: target.host, port: target.port });
    socket.on('error', () => {});
    socket.write(request.slice(0, choice % (request.length - 4)));
    await wait(choice % 500);
    socket.resetAndDestroy();
  },
};
