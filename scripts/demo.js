/**
 * `npm run demo`: runs a relay, a binary and some phones in one process and prints what each of them sees. All traffic
 * uses real sockets on loopback, and everything is stopped at the end. `npm run demo -- --push` shows how a phone that is away is
 * woken. With `--inspect`, a story repeats slowly until interrupted, beside the live page.
 */
import { createRelay } from '../dist/relay.js';
import { startFakeFcm } from './demo/fake-fcm.js';
import { createPushLog, tellPushStory } from './demo/push-story.js';
import { graceMs, tellRegistryStory } from './demo/registry-story.js';
import { chapter, closed, dial, isWatched, SERVER_ID, say } from './demo/stage.js';

const options = {
  // Whoever plays with it dials from one address.
  rateBurst: 0,
  inspectListen: isWatched ? { host: '127.0.0.1', port: 0 } : null,
};

const openRegistryStory = () => ({
  relay: createRelay({ ...options, maxPhones: 2, graceMs }),
  about: `2 phones per server-id, grace ${graceMs / 1_000} s`,
  look: (/** @type {string} */ page) => `Open ${page}#${SERVER_ID} and watch.`,
  tell: tellRegistryStory,
  end: async () => {},
});

const openPushStory = async () => {
  const fake = await startFakeFcm();
  const { lines, log } = createPushLog();
  const fcm = { fcmCredentials: { json: fake.credentials }, fcmEndpoint: fake.url };
  return {
    relay: createRelay({ ...options, ...fcm, log }),
    about: 'push through a fake FCM on loopback',
    look: (/** @type {string} */ page) =>
      `Open ${page}, unfold “The charts of the relay and of push”, and watch.`,
    tell: async (/** @type {string} */ url) => await tellPushStory(url, fake, lines),
    end: async () => await fake.stop(),
  };
};

const { relay, about, look, tell, end } = process.argv.includes('--push')
  ? await openPushStory()
  : openRegistryStory();
const { address, inspectAddress } = await relay.start();
const url = `ws://127.0.0.1:${address.port}`;
say('relay', `listens on ${url}: ${about}`);

if (inspectAddress === null) {
  await tell(url);
  chapter('The relay shuts down');
  const binary = await dial(url, 'binary', '/v1/server');
  await Promise.all([relay.stop(), closed(binary)]);
  say('relay', 'has stopped');
  await end();
} else {
  console.log(`\n       ${look(`http://127.0.0.1:${inspectAddress.port}/`)} Ctrl-C ends it.\n`);
  process.on('SIGINT', () => void relay.stop().then(() => process.exit(0)));
  for (;;) await tell(url);
}
