/** Steps through a recording: a scrubber over the states of one server-id. */
import type { ReplayPage, ReplayPageServer, ReplayPageState } from '../replay-page-data.ts';
import { ChartView } from './chart-view.ts';
import { byId, element, setText } from './dom.ts';
import { SequenceView } from './sequence-view.ts';
import { describeEvent } from './timeline-view.ts';
import { messageText, sentence } from './words.ts';

const chart = new ChartView(byId('server-chart'));
const sequence = new SequenceView();
const scrubber = byId('scrub') as HTMLInputElement; // An <input> in index.html.
const chooser = byId('choose') as HTMLSelectElement; // A <select> in index.html.

/** The state and all its ancestors: `claimed.held.live` also activates `claimed.held`, `claimed` and the root. */
const activeStates = (state: string): string[] => {
  const parts = state === '' ? [] : state.split('.');
  return ['server', ...parts.map((_, i) => ['server', ...parts.slice(0, i + 1)].join('.'))];
};

const time = (atMs: number): string => new Date(atMs).toISOString().slice(11, 23);

const FIELDS = ['state', 'status', 'binaryId', 'phones', 'claimants'] as const;

/** For example "state: recorded claimed.grace, now claimed.held.live". */
const differences = (recorded: ReplayPageState, now: ReplayPageState): string =>
  FIELDS.filter((field) => String(recorded[field]) !== String(now[field]))
    .map((field) => `${field}: recorded ${String(recorded[field])}, now ${String(now[field])}`)
    .join('; ');

const show = (server: ReplayPageServer, maxPhones: number, at: number): void => {
  const step = server.steps[at - 1];
  const shown = step?.after ?? server.before;
  const { state, status, binaryId, phones, claimants } = shown;
  chart.show(activeStates(state));
  if (step !== undefined) chart.light(step.events[0].taken);
  sequence.clear();
  sequence.add(server.steps.slice(0, at).flatMap(({ events }) => events));
  const badge = byId('server-state');
  const short = status === 'error' ? 'broken' : (state.split('.').at(-1) ?? state);
  setText(badge, short);
  badge.className = `badge ${short}`;
  const what = step === undefined ? 'before the first recorded event' : sentence(step.events[0]);
  setText(byId('step'), `${at} of ${server.steps.length}: ${what}`);
  const recorded = step?.recorded;
  const note = recorded ? `This version of the chart diverges here: ${differences(recorded, shown)}.` : '';
  setText(byId('server-note'), note);
  const cap = maxPhones > 0 ? String(maxPhones) : 'no cap';
  const context: [string, string][] = [
    ['binary', binaryId ?? 'none'],
    [`phones (${phones.length} of ${cap})`, phones.join(' ') || 'none'],
    [`in line (${claimants.length})`, claimants.join(' ') || 'none'],
  ];
  byId('context').replaceChildren(
    ...context.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
  );
  for (const [i, item] of [...byId('timeline').children].entries()) {
    const isHere = server.steps.length - i === at;
    item.classList.toggle('here', isHere);
    if (isHere) item.scrollIntoView({ block: 'nearest' });
  }
};

const list = (server: ReplayPageServer, choose: (at: number) => void): void => {
  const items = server.steps.map(({ events, recorded }, i) => {
    const [heard, ...told] = events;
    const item = element('li', '', recorded === null ? '' : 'refused');
    const body = describeEvent(heard);
    for (const { to, message } of told) {
      body.append(element('span', `↳ ${to.role} ${to.connId}: ${messageText(message)}`, 'emitted'));
    }
    if (recorded !== null)
      body.append(element('span', `recorded: ${recorded.state}`, 'emitted refused-mark'));
    item.append(element('time', time(heard.atMs)), body);
    item.addEventListener('click', () => choose(i + 1));
    return item;
  });
  byId('timeline').replaceChildren(...items.toReversed());
};

/** Shows step `at` of the current server-id. Replaced when another one is chosen. */
let goTo = (_at: number): void => {};
scrubber.addEventListener('input', () => goTo(Number(scrubber.value)));
byId('earlier').addEventListener('click', () => goTo(Number(scrubber.value) - 1));
byId('later').addEventListener('click', () => goTo(Number(scrubber.value) + 1));

const open = (page: ReplayPage, server: ReplayPageServer): void => {
  setText(byId('server-name'), server.serverId);
  scrubber.max = String(server.steps.length);
  const go = (at: number): void => {
    const bounded = Math.max(0, Math.min(server.steps.length, at));
    scrubber.value = String(bounded);
    show(server, page.maxPhones, bounded);
  };
  list(server, go);
  goTo = go;
  const diverges = server.steps.findIndex(({ recorded }) => recorded !== null);
  go(diverges === -1 ? server.steps.length : diverges + 1);
};

const start = async (): Promise<void> => {
  // The page and the command are built together, so the data has this type.
  const page = (await (await fetch('/replay.json')).json()) as ReplayPage;
  setText(byId('relay-state'), 'recording');
  setText(byId('version'), `pyrycode-relay ${page.relay}`);
  setText(byId('uptime'), page.recordedAt);
  for (const id of [
    'record',
    'tiles',
    'overview',
    'sockets-option',
    'connections-section',
    'timeline-filter',
  ]) {
    byId(id).hidden = true;
  }
  byId('back').hidden = true;
  byId('detail').hidden = false;
  byId('scrubber').hidden = false;
  await chart.load('server', 'State chart of the server actor, current state highlighted');
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
  byId('scrubber').addEventListener('submit', (event) => event.preventDefault());
  choose();
};

await start();
