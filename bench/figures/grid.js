/** The live page's picture of all server-ids: what it costs the relay, and whether the browser keeps up. */
import { wait } from '../load/loads.js';
import { Generator } from '../load/start-generator.js';
import { framesDrawnPerSecond, hasBrowser, launchBrowser } from '../measure/browser.js';
import { median } from '../measure/statistics.js';
import { startOurs } from '../peers/peers.js';

/** A grace that outlasts the figure, so that no server-id leaves the picture. */
const FLAGS = ['--inspect-listen', '127.0.0.1:0', '--grace', '1h', '--max-connections', '18000'];
const REGISTRATIONS_PER_SECOND = 100;
const BLANK = 'about:blank';
/** Until the page is calm: it has drawn all rows, and what it compiled is compiled. */
const SETTLE_MS = 3_000;

/** @type {import('./figure.d.ts').Figure} */
export const gridFigure = {
  id: 'grid',
  title: 'The picture of 20,000 server-ids on the live page, at 10 updates a second',
  run: async ({ quick, progress }) => {
    const columns = ['page', 'relay, % of a core', 'frames drawn a second'];
    if (!hasBrowser) {
      return {
        columns,
        rows: [],
        targets: [],
        notes: ['Chromium is not installed here (apt-get install chromium): it is left out.'],
      };
    }
    // Most are in grace, which needs no socket: a process has descriptors for fewer than all of them.
    const live = quick ? 20 : 2_000;
    const inGrace = quick ? 40 : 9_000;
    const rounds = quick ? 1 : 5;
    const ms = quick ? 300 : 4_000;
    const generator = new Generator();
    const peer = await startOurs({ flags: FLAGS, awaits: 'starting inspect listener' });
    const browser = await launchBrowser();
    try {
      const { port, pid } = peer;
      const claim = async (/** @type {string} */ prefix, /** @type {number} */ count) =>
        await generator.ask('open', { port, pid, path: '/v1/server', count, servers: count, prefix });
      for (const prefix of ['first', 'second']) {
        progress(`claims, to be left in grace: ${prefix} half`);
        await claim(prefix, inGrace);
        await generator.ask('drop');
      }
      progress('claims that stay');
      await claim('live', live);
      const page = await browser.newPage({ viewport: { width: 1_400, height: 900 } });
      const url = `http://${peer.listens.get('starting inspect listener')}/`;
      // The page says how many it shows.
      const all = new RegExp(`^${(live + 2 * inGrace).toLocaleString('en')}$`);
      /** Phones register all the time, each on a server-id of its own. */
      const measure = async (/** @type {string} */ address) => {
        await page.goto(address);
        if (address !== BLANK) await page.locator('#shown', { hasText: all }).waitFor();
        await wait(quick ? 300 : SETTLE_MS);
        const count = Math.ceil((REGISTRATIONS_PER_SECOND * ms) / 1_000);
        const [{ cpuMs, ms: tookMs }, drawn] = await Promise.all([
          generator.ask('storm', { port, pid, count, overMs: ms, servers: live, prefix: 'live' }),
          framesDrawnPerSecond(page, ms),
        ]);
        return { percent: (100 * cpuMs) / tookMs, drawn };
      };
      /** @type {Awaited<ReturnType<typeof measure>>[]} */
      const without = [];
      /** @type {typeof without} */
      const open = [];
      for (let round = 0; round < rounds; round++) {
        progress(`round ${round + 1} of ${rounds}`);
        without.push(await measure(BLANK));
        open.push(await measure(url));
      }
      const percentOf = (/** @type {typeof without} */ all) => median(all.map(({ percent }) => percent));
      const drawnOf = (/** @type {typeof without} */ all) => median(all.map(({ drawn }) => drawn));
      const costs = open.map(({ percent }, i) => percent - (without[i]?.percent ?? Number.NaN));
      return {
        columns,
        rows: [
          ['an empty one', percentOf(without), drawnOf(without)],
          ['the live page', percentOf(open), drawnOf(open)],
        ],
        targets: [
          {
            name: 'the page open on 20,000 server-ids, of a core',
            value: median(costs),
            limit: 2,
            unit: '%',
          },
          {
            name: 'time between two frames of the page',
            value: 1_000 / drawnOf(open),
            limit: 33.3,
            unit: 'ms',
          },
        ],
        notes: [
          `${live + 2 * inGrace} server-ids, of which ${live} are live; ${REGISTRATIONS_PER_SECOND} phones register a second.`,
          `The cost, round by round: ${costs.map((cost) => cost.toFixed(2)).join(', ')} % of a core.`,
          `Frames a second, likewise: ${open.map(({ drawn }) => drawn.toFixed(1)).join(', ')}.`,
        ],
      };
    } finally {
      generator.stop();
      await browser.close();
      await peer.stop();
    }
  },
};
