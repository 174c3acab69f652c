/** How a phone that is away is woken: FCM is a fake on loopback, everything else is real. */
import { EventEmitter, once } from 'node:events';
import { fcmError } from './fake-fcm.js';
import { beat, chapter, closed, dial, echo, isWatched, say, send, wait } from './stage.js';

/** FCM is not asked about a token that was unregistered, so each round of the story has others. */
let round = 0;

/** @param {string} token */
const wake = (token) => JSON.stringify({ push_wake: { platform: 'fcm', token } });

/** Says the lines of the relay about wakes; after each, emits `told`. */
export const createPushLog = () => {
  const lines = new EventEmitter();
  /** @type {(fields: object, event: string) => void} */
  const write = (fields, event) => {
    if (!event.includes('push_wake')) return;
    const shown = Object.entries(fields).filter(([key]) => key !== 'server_id' && key !== 'binary_conn_id');
    say('relay', `logs     ${event} ${shown.map(([key, value]) => `${key}=${String(value)}`).join(' ')}`);
    lines.emit('told');
  };
  return { lines, log: { info: write, warn: write, error: write } };
};

/**
 * @param {string} url
 * @param {import('./fake-fcm.js').FakeFcm} fake
 * @param {EventEmitter} lines as `createPushLog` emits them
 */
export const tellPushStory = async (url, fake, lines) => {
  round++;
  fake.onRequest = (path) =>
    say(
      'fcm',
      path === '/token'
        ? 'finds the signature good, and gives the relay a bearer token for an hour'
        : 'is asked to wake a phone, with that bearer token, and told nothing else',
    );

  chapter('A phone talks to its binary, and goes to the background');
  const binary = await dial(url, 'binary', '/v1/server');
  echo(binary, 'binary', new Map());
  const phone = await dial(url, 'phone A', '/v1/client');
  send(phone, 'phone A', '{"from":"A","say":"hello"}');
  await once(phone, 'message');
  phone.close(1000);
  await Promise.all([closed(phone), once(binary, 'message')]);
  await beat();

  chapter('The binary has news, and asks for a wake');
  let done = once(lines, 'told');
  send(binary, 'binary', wake(`PHONE-A-${round}`));
  await done;
  say('phone A', `is woken by FCM, which knows it as ${fake.woken.at(-1)}`);
  const awake = await dial(url, 'phone A', '/v1/client');
  send(awake, 'phone A', '{"from":"A","say":"what is new?"}');
  await once(awake, 'message');
  await beat();

  chapter('The next wake uses the same bearer token');
  done = once(lines, 'told');
  send(binary, 'binary', wake(`PHONE-B-${round}`));
  await done;
  await beat();

  chapter('The app is gone from a phone: FCM says so, and is not asked again');
  fake.sendScripts.push(fcmError(404, 'NOT_FOUND', 'UNREGISTERED'));
  done = once(lines, 'told');
  send(binary, 'binary', wake(`PHONE-C-${round}`));
  await done;
  done = once(lines, 'told');
  send(binary, 'binary', wake(`PHONE-C-${round}`));
  await done;
  await beat();

  binary.close(1000);
  awake.close(1000);
  await Promise.all([closed(binary), closed(awake)]);
  if (isWatched) {
    chapter('A binary may ask for six wakes at once, and for one in ten seconds: so here is a pause');
    await wait(40_000);
  }
};
