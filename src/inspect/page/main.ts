/** The live page. The URL fragment names the server-id to show; without one, the page shows the overview. */
import { visibleText } from '../../protocol/visible-text.ts';
import { Detail } from './detail.ts';
import { byId, setText } from './dom.ts';
import { listenToJumps } from './jumps.ts';
import { RelayCharts } from './relay-charts.ts';
import { ServerGrid } from './server-grid.ts';
import { ServerTable } from './server-table.ts';
import { openStream } from './stream.ts';
import { createTiles } from './tiles.ts';
import { innermost } from './words.ts';

/** A browser lists the pages that one has been to by their titles. */
const TITLE = document.title;
const showTiles = createTiles();
const table = new ServerTable();
const grid = new ServerGrid();
const detail = new Detail();
const relayCharts = new RelayCharts();
let close = (): void => {};

const uptime = (ms: number): string => {
  const seconds = Math.floor(ms / 1_000);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `up ${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
};

const chosenServer = (): string | null => {
  try {
    return decodeURIComponent(location.hash.slice(1)) || null;
  } catch {
    return null;
  }
};

const showRelayState = (state: string): void => {
  const badge = byId('relay-state');
  setText(badge, state);
  badge.className = `badge ${state}`;
};

const open = (): void => {
  close();
  const serverId = chosenServer();
  byId('overview').hidden = serverId !== null;
  byId('detail').hidden = serverId === null;
  document.title = serverId === null ? TITLE : `${visibleText(serverId)} · ${TITLE}`;
  if (serverId !== null) detail.open(serverId);
  close = openStream(serverId, {
    hello: ({ version, maxPhones }) => {
      setText(byId('version'), version);
      detail.configure(maxPhones);
    },
    trouble: (why) => {
      setText(byId('lost'), why);
      byId('lost').hidden = why === '';
      if (why !== '') showRelayState('unknown');
    },
    past: (past) => detail.begin(past),
    update: (update) => {
      showTiles(update.overview);
      const [, relayState = 'stopped'] = innermost(update.overview.relay.states).split('.');
      showRelayState(relayState);
      relayCharts.show(update.overview);
      setText(byId('uptime'), uptime(update.overview.uptimeMs));
      if (update.rows !== undefined) {
        table.apply(update.rows);
        grid.apply(update.rows);
      }
      if (serverId !== null) detail.update(update);
    },
  });
};

listenToJumps();
window.addEventListener('hashchange', () => {
  open();
  if (chosenServer() === null) table.focus();
  else byId('back').focus();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && chosenServer() !== null) location.hash = '';
});
open();
