/** Detail view of one server-id: its chart, what can happen next, who belongs to it, and its history. */
import type { ReplayPageServer } from '../replay-page-data.ts';
import type { ServerView, TimelineEvent, Update, WakeView } from '../updates.ts';
import { ChartView } from './chart-view.ts';
import { byId, setText } from './dom.ts';
import { NextView } from './next-view.ts';
import { type Names, PeerNames } from './peer-names.ts';
import { PeopleView, wakeName } from './people-view.ts';
import { SequenceView } from './sequence-view.ts';
import { activeStates, isGrace, listSteps, showBadge, showStep } from './step-view.ts';
import { TimelineView } from './timeline-view.ts';
import { Travel } from './travel.ts';

/** Events that the page keeps. Older ones are in a recording. */
const MOST_EVENTS = 400;
const CHART_LABEL = 'State chart of the server actor, the current state marked';

const RELEASED = 'Nobody holds this server-id, so it has no actor. The next claim starts one.';

const shortState = (states: readonly string[]): string => {
  const deepest = states.toSorted((a, b) => b.length - a.length)[0] ?? '';
  return deepest.split('.').at(-1) ?? '';
};

const GONE: Omit<ServerView, 'states'> = {
  binaryId: null,
  phones: [],
  line: [],
  maxPhones: 0,
  timers: [],
  connections: [],
  wakes: [],
};

export class Detail {
  #peers = new PeerNames();
  /** The names of the server-id that is shown. */
  readonly #names: Names = {
    party: (connId, role) => this.#peers.party(connId, role),
    about: (connId, role) => this.#peers.about(connId, role),
  };
  readonly #chart = new ChartView(byId('server-chart'));
  readonly #connectionChart = new ChartView(byId('connection-chart'));
  readonly #wakeChart = new ChartView(byId('wake-chart'));
  readonly #next = new NextView();
  readonly #people = new PeopleView();
  readonly #timeline = new TimelineView(this.#names);
  readonly #sequence = new SequenceView(this.#names);
  readonly #search = byId('event-search') as HTMLInputElement; // An <input> in index.html.
  readonly #travel: Travel;
  #maxPhones = 0;
  #chosen = '';
  #events: readonly TimelineEvent[] = [];
  /** Null if it has no actor; undefined until the relay has told. */
  #server: ServerView | null | undefined;

  constructor() {
    const { chart, next, people, sequence, names } = {
      chart: this.#chart,
      next: this.#next,
      people: this.#people,
      sequence: this.#sequence,
      names: this.#names,
    };
    this.#travel = new Travel({
      stop: (past, choose) => {
        this.#search.disabled = true;
        byId('connection-chart').hidden = true;
        byId('wake-chart').hidden = true;
        listSteps(past, names, choose);
      },
      goTo: (past, at) => showStep({ chart, next, people, sequence, names }, past, this.#maxPhones, at),
      resume: () => {
        chart.lightOnly([]);
        this.#showNow();
      },
    });
    this.#people.chosen = (connId) => {
      this.#chosen = this.#chosen === connId ? '' : connId;
      this.#showServer(this.#server);
      // Their charts stand below what is in view.
      for (const view of [this.#connectionChart, this.#wakeChart]) if (view.isShown) view.present();
    };
    const mark = (hooks: readonly string[]): void => {
      for (const view of [chart, this.#connectionChart, this.#wakeChart, sequence, this.#timeline])
        view.mark(hooks);
    };
    for (const view of [chart, this.#connectionChart, this.#wakeChart, next, sequence, this.#timeline])
      view.pointed = mark;
    void this.#loadCharts();
  }

  async #loadCharts(): Promise<void> {
    const load = async (view: ChartView, name: string, label: string): Promise<void> => {
      await view.load(name, label);
      if (!this.#travel.isAway) this.#showServer(this.#server);
    };
    const loadBelow = async (view: ChartView, name: string): Promise<void> => {
      await load(view, name, `State chart of the chosen ${name}`);
      // It was chosen before it was there.
      if (view.isShown) view.present();
    };
    // What is seen first comes first.
    await load(this.#chart, 'server', CHART_LABEL);
    await Promise.all([loadBelow(this.#connectionChart, 'connection'), loadBelow(this.#wakeChart, 'wake')]);
  }

  /** @param maxPhones 0 or less means no cap */
  configure(maxPhones: number): void {
    this.#maxPhones = maxPhones;
  }

  open(serverId: string): void {
    setText(byId('server-name'), serverId);
    this.#chosen = '';
    this.#server = undefined;
    this.#travel.open(serverId);
    this.begin(null);
  }

  /** @param past what is recorded of the server-id; its updates follow */
  begin(past: ReplayPageServer | null): void {
    this.#peers = new PeerNames();
    this.#events = [];
    if (past !== null) this.#peers.begin(past.before);
    this.#note(past?.steps.flatMap(({ events }) => events) ?? []);
    this.#travel.expect(past?.steps.length ?? 0);
    if (!this.#travel.isAway) this.#showNow();
  }

  update({ server, events = [] }: Update): void {
    this.#note(events);
    this.#travel.expect(this.#events.filter(({ to }) => to.kind === 'server').length);
    if (server !== undefined) this.#server = server;
    if (this.#travel.isAway) return;
    if (server !== undefined) this.#showServer(server);
    this.#timeline.add(events);
    this.#sequence.add(events);
    for (const { to, taken } of events) {
      if (to.kind === 'server') this.#chart.light(taken);
      else if (to.connId === this.#chosen) this.#connectionChart.light(taken);
    }
  }

  #note(events: readonly TimelineEvent[]): void {
    for (const event of events) this.#peers.note(event);
    this.#events = [...this.#events, ...events].slice(-MOST_EVENTS);
  }

  #showNow(): void {
    this.#search.disabled = false;
    this.#timeline.set(this.#events);
    this.#sequence.set(this.#events);
    this.#showServer(this.#server);
  }

  #showServer(server: ServerView | null | undefined): void {
    const isTold = server !== undefined;
    const view = server ?? { ...GONE, states: isTold ? activeStates('released') : [] };
    const { states, timers, connections, ...members } = view;
    showBadge(isTold ? shortState(states) : 'connecting');
    setText(byId('server-note'), '');
    const isReleased = shortState(states) === 'released';
    const meaning = isReleased ? RELEASED : this.#chart.data.meaning(states);
    setText(byId('server-meaning'), isTold ? meaning : 'The relay has not told its state yet.');
    this.#chart.show(states);
    this.#next.show(this.#chart.data, states, timers);
    this.#people.show(
      { ...members, maxPhones: this.#maxPhones, isAway: states.some(isGrace), connections },
      this.#names,
      this.#chosen,
    );
    this.#showWake(view.wakes.find((wake) => wakeName(wake) === this.#chosen));
    const chosen = connections.find(({ connId }) => connId === this.#chosen);
    byId('connection-chart').hidden = chosen === undefined;
    if (chosen === undefined) return;
    setText(
      byId('connection-name'),
      `${this.#names.party(chosen.connId, chosen.role)}: ${this.#connectionChart.data.meaning(chosen.states)}`,
    );
    this.#connectionChart.show(chosen.states);
  }

  #showWake(wake: WakeView | undefined): void {
    byId('wake-chart').hidden = wake === undefined;
    if (wake === undefined) return;
    setText(byId('wake-name'), `${wakeName(wake)}: ${this.#wakeChart.data.meaning(wake.states)}`);
    this.#wakeChart.show(wake.states);
  }
}
