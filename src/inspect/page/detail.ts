/** Detail view of one server-id: chart, context, next events, timeline, sequence, connections. */
import type { ServerView, Update } from '../updates.ts';
import { ChartView } from './chart-view.ts';
import { byId, element, setText } from './dom.ts';
import { SequenceView } from './sequence-view.ts';
import { TimelineView } from './timeline-view.ts';
import { eventName } from './words.ts';

const shortState = (states: readonly string[]): string => {
  const deepest = states.toSorted((a, b) => b.length - a.length)[0] ?? '';
  return deepest.split('.').at(-1) ?? '';
};

export class Detail {
  readonly #chart = new ChartView(byId('server-chart'));
  readonly #connectionChart = new ChartView(byId('connection-chart'));
  readonly #timeline = new TimelineView();
  readonly #sequence = new SequenceView();
  #chosen: string | undefined;
  #shownContext = '';
  #connections: ServerView['connections'] = [];

  constructor() {
    void this.#chart.load('server', 'State chart of the server actor, current state highlighted');
    void this.#connectionChart.load('connection', 'State chart of the chosen connection');
  }

  open(serverId: string): void {
    setText(byId('server-name'), serverId);
    setText(byId('server-note'), '');
    this.#chosen = undefined;
    this.#shownContext = '';
    this.#timeline.clear();
    this.#sequence.clear();
    this.#chart.show([]);
    this.#showConnections([]);
  }

  update({ server, events = [] }: Update): void {
    if (server === null) this.#showGone();
    else if (server !== undefined) this.#showServer(server);
    this.#timeline.add(events);
    this.#sequence.add(events);
    for (const { to, taken } of events) {
      if (to.kind === 'server') this.#chart.light(taken);
      else if (to.connId === this.#chosen) this.#connectionChart.light(taken);
    }
  }

  #showGone(): void {
    this.#badge('released');
    setText(
      byId('server-note'),
      'This server-id is not claimed: its actor has ended. The next claim starts a new one.',
    );
    this.#chart.show(['server.released']);
    this.#showConnections([]);
  }

  #badge(state: string): void {
    const badge = byId('server-state');
    setText(badge, state);
    badge.className = `badge ${state}`;
  }

  #showServer(server: ServerView): void {
    this.#badge(shortState(server.states));
    setText(byId('server-note'), '');
    this.#chart.show(server.states);
    const cap = server.maxPhones > 0 ? String(server.maxPhones) : 'no cap';
    const context: [string, string][] = [
      ['binary', server.binaryId ?? 'none'],
      [`phones (${server.phones.length} of ${cap})`, server.phones.join(' ') || 'none'],
      [`in line (${server.line.length})`, server.line.join(' ') || 'none'],
      [
        `wakes (${server.wakes.length})`,
        server.wakes.map(({ id, states }) => `wake ${id} ${shortState(states)}`).join(', ') || 'none',
      ],
      ['next events', server.next.map(eventName).join(', ') || 'none'],
    ];
    if (JSON.stringify(context) !== this.#shownContext) {
      this.#shownContext = JSON.stringify(context);
      byId('context').replaceChildren(
        ...context.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
      );
    }
    this.#showConnections(server.connections);
  }

  #showConnections(connections: ServerView['connections']): void {
    this.#connections = connections;
    const box = byId('connections');
    const labels = connections.map(({ connId, role, states }) => `${role} ${connId} ${shortState(states)}`);
    const shown = [...box.children].map((child) => child.textContent);
    if (labels.join('|') !== shown.join('|')) {
      const focused = document.activeElement?.textContent?.split(' ')[1];
      box.replaceChildren(
        ...connections.map(({ connId }, i) => this.#connectionButton(connId, labels[i] ?? '')),
      );
      for (const child of box.children) {
        if (
          child instanceof HTMLElement &&
          focused !== undefined &&
          child.textContent?.split(' ')[1] === focused
        ) {
          child.focus();
        }
      }
    }
    const chosen = connections.find(({ connId }) => connId === this.#chosen);
    byId('connection-chart').hidden = chosen === undefined;
    if (chosen !== undefined) this.#connectionChart.show(chosen.states);
    for (const child of box.children) {
      child.setAttribute('aria-pressed', String(child.textContent?.split(' ')[1] === this.#chosen));
    }
  }

  #connectionButton(connId: string, label: string): HTMLElement {
    const button = element('button', label);
    button.setAttribute('type', 'button');
    button.addEventListener('click', () => {
      this.#chosen = this.#chosen === connId ? undefined : connId;
      this.#showConnections(this.#connections);
    });
    return button;
  }
}
