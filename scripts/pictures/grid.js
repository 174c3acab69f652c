/**
 * All server-ids of a relay, of which a third has lost its binary at once, and some of the others are claimed by a second
 * binary while the first does not answer.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { createRelay } from '../../dist/relay.js';

const SERVERS = 1_200;
/** Those of one network that is gone, say. */
const LOST = { from: 380, to: 800 };
/** Every so many of those whose binary is still there is probed. */
const PROBED_EACH = 23;
/** A screen shows the picture, and the first rows of the table. */
const SCREEN = { width: 1_440, height: 780 };
/** In the square that is pointed at: one of those that are lost, with phones. */
const POINTED = { x: 727, y: 150 };

const serverId = (/** @type {number} */ i) => `machine-${String(i).padStart(4, '0')}`;

/** Most have a phone or two, some have more: the same ones each time. */
const phonesOf = (/** @type {number} */ i) => {
  const chance = ((i * 7_919 + 13) % 101) / 101;
  return Math.floor(8 * chance ** 3) + (chance > 0.25 ? 1 : 0);
};

/**
 * @param {string} url
 * @param {'server' | 'client'} path
 * @param {number} i
 */
const dial = async (url, path, i) => {
  const who = path === 'server' ? { 'x-pyrycode-version': 'demo' } : { 'x-pyrycode-token': 'demo' };
  const headers = { 'x-pyrycode-server': serverId(i), 'user-agent': 'pictures', ...who };
  const ws = new WebSocket(`${url}/v1/${path}`, { headers });
  await once(ws, 'open');
  return ws;
};

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} file
 */
export const takeGrid = async (browser, file) => {
  const relay = createRelay({
    inspectListen: { host: '127.0.0.1', port: 0 },
    // All of them dial from here, and nothing may change until the picture is taken.
    rateBurst: 0,
    graceMs: 600_000,
    probeTimeoutMs: 600_000,
  });
  /** @type {WebSocket[]} */
  const peers = [];
  try {
    const { address, inspectAddress } = await relay.start();
    const url = `ws://127.0.0.1:${address.port}`;
    let phones = 0;
    for (let i = 0; i < SERVERS; i++) {
      const binary = await dial(url, 'server', i);
      peers.push(binary);
      const own = await Promise.all(
        Array.from({ length: phonesOf(i) }, async () => await dial(url, 'client', i)),
      );
      peers.push(...own);
      phones += own.length;
      if (i >= LOST.from && i < LOST.to) binary.terminate();
      else if (i % PROBED_EACH === 0) {
        // It reads nothing, so it does not answer the probe.
        binary.pause();
        peers.push(await dial(url, 'server', i));
      }
    }
    const page = await browser.newPage({ viewport: SCREEN, colorScheme: 'light' });
    await page.goto(`http://127.0.0.1:${inspectAddress?.port}/`);
    await page.locator('#tile-phones', { hasText: phones.toLocaleString('en') }).waitFor();
    await page.locator('#tile-grace', { hasText: (LOST.to - LOST.from).toLocaleString('en') }).waitFor();
    await page.locator('#grid').hover({ position: POINTED });
    await page.locator('#whole-at', { hasText: 'machine' }).waitFor();
    await page.screenshot({ path: file });
    await page.close();
  } finally {
    for (const peer of peers) peer.terminate();
    await relay.stop();
  }
};
