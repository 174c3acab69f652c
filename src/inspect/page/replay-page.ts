/** Steps through a recording: a scrubber over the states of one server-id. */
import type { ReplayPage, ReplayPageServer } from '../replay-page-data.ts';
import { ChartView } from './chart-view.ts';
import { byId, element, setText } from './dom.ts';
import { listenToJumps } from './jumps.ts';
import { NextView } from './next-view.ts';
import { OWN_NAMES } from './peer-names.ts';
import { PeopleView } from './people-view.ts';
import { Scrubber } from './scrubber.ts';
import { SequenceView } from './sequence-view.ts';
import { listSteps, type StepViews, showStep } from './step-view.ts';

const views: StepViews = {
  chart: new ChartView(byId('server-chart')),
  next: new NextView(),
  people: new PeopleView(),
  sequence: new SequenceView(),
  names: OWN_NAMES,
};
const scrubber = new Scrubber();
const chooser = byId('choose') as HTMLSelectElement; // A <select> in index.html.

/** What only a running relay has. */
const LIVE_PARTS = [
  'record',
  'tiles',
  'overview',
  'sockets-option',
  'event-filter',
  'pause',
  'back',
  'connection-chart',
  'wake-chart',
];

const open = (page: ReplayPage, server: ReplayPageServer): void => {
  setText(byId('server-name'), server.serverId);
  const go = (at: number): void => {
    const bounded = Math.max(0, Math.min(server.steps.length, at));
    scrubber.set(bounded, server.steps.length);
    showStep(views, server, page.maxPhones, bounded);
  };
  listSteps(server, OWN_NAMES, go);
  scrubber.wanted = go;
  const diverges = server.steps.findIndex(({ recorded }) => recorded !== null);
  go(diverges === -1 ? server.steps.length : diverges + 1);
};

const start = async (): Promise<void> => {
  // The page and the command are built together, so the data has this type.
  const page = (await (await fetch('/replay.json')).json()) as ReplayPage;
  setText(byId('relay-state'), 'recording');
  setText(byId('version'), `pyrycode-relay ${page.relay}`);
  setText(byId('uptime'), page.recordedAt);
  for (const id of LIVE_PARTS) byId(id).hidden = true;
  byId('detail').hidden = false;
  byId('choice').hidden = false;
  await views.chart.load('server', 'State chart of the server actor, the current state marked');
  const mark = (hooks: readonly string[]): void => {
    views.chart.mark(hooks);
    views.sequence.mark(hooks);
  };
  for (const view of [views.chart, views.next, views.sequence]) view.pointed = mark;
  listenToJumps();
  chooser.replaceChildren(
    ...page.servers.map(({ serverId, steps }) => {
      const option = element('option', `${serverId} (${steps.length} events)`);
      option.setAttribute('value', serverId);
      return option;
    }),
  );
  const choose = (): void => {
    const server = page.servers[chooser.selectedIndex];
    if (server !== undefined) open(page, server);
  };
  chooser.addEventListener('change', choose);
  choose();
};

await start();
