/** The counts at the top of the page. Tiles keep their places; only their numbers change. */
import type { Overview } from '../updates.ts';
import { byId, element, setText } from './dom.ts';
import { innermost } from './words.ts';

const TILES = [
  ['servers', 'server-ids'],
  ['binaries', 'binaries'],
  ['grace', 'in grace'],
  ['phones', 'phones'],
  ['up', 'frames/s to binaries'],
  ['down', 'frames/s to phones'],
  ['wakes', 'wakes in flight'],
] as const;

type TileName = (typeof TILES)[number][0];

/** Rates are averaged over this window, so that they change slowly enough to read. */
const RATE_WINDOW_MS = 1_500;

export const createTiles = (): ((overview: Overview) => void) => {
  const numbers = new Map<TileName, HTMLElement>();
  const section = byId('tiles');
  for (const [name, label] of TILES) {
    const tile = element('div', '', 'tile');
    const number = element('b', '–');
    number.id = `tile-${name}`;
    tile.append(number, element('span', label));
    section.append(tile);
    numbers.set(name, number);
  }
  const closes = element('div', '', 'tile');
  const list = element('ul');
  list.id = 'close-codes';
  closes.append(element('span', 'close codes in 5 min'), list);
  section.append(closes);

  const byState = element('span', '');
  byState.id = 'by-state';
  numbers.get('servers')?.parentElement?.append(byState);

  const push = element('span', '');
  push.id = 'push-state';
  numbers.get('wakes')?.parentElement?.append(push);

  const set = (name: TileName, value: number): void => {
    const number = numbers.get(name);
    if (number !== undefined) setText(number, value.toLocaleString('en'));
  };
  const samples: { readonly atMs: number; readonly up: number; readonly down: number }[] = [];
  let shownCodes = '?';

  return ({
    servers,
    binaries,
    phones,
    push: { states: pushStates, wakes },
    framesUp,
    framesDown,
    closeCodes,
    uptimeMs,
  }) => {
    set('servers', servers.live + servers.probing + servers.grace + servers.unclaimed);
    const states = Object.entries(servers).filter(([, count]) => count > 0);
    setText(byState, states.map(([state, count]) => `${count.toLocaleString('en')} ${state}`).join(', '));
    set('binaries', binaries);
    set('grace', servers.grace);
    set('phones', phones);
    set('wakes', wakes);
    setText(push, `push is ${innermost(pushStates).split('.').at(-1) || 'ended'}`);
    // The relay has restarted, so its counters start at 0 again.
    if (uptimeMs < (samples.at(-1)?.atMs ?? 0)) samples.length = 0;
    samples.push({ atMs: uptimeMs, up: framesUp, down: framesDown });
    while (samples.length > 2 && uptimeMs - (samples[1]?.atMs ?? 0) > RATE_WINDOW_MS) samples.shift();
    const [oldest] = samples;
    const elapsedMs = oldest === undefined ? 0 : uptimeMs - oldest.atMs;
    if (oldest !== undefined && elapsedMs > 0) {
      set('up', Math.round(((framesUp - oldest.up) * 1_000) / elapsedMs));
      set('down', Math.round(((framesDown - oldest.down) * 1_000) / elapsedMs));
    }
    const codes = closeCodes.slice(0, 6).map(([code, times]) => `${code} × ${times}`);
    if (codes.join() === shownCodes) return;
    shownCodes = codes.join();
    list.replaceChildren(...codes.map((text) => element('li', text)));
    if (codes.length === 0) list.replaceChildren(element('li', 'none', 'none'));
  };
};
