/** The charts of which there is one each: the relay's and that of push. They are loaded when they are first looked at. */
import type { ChartNow, Overview } from '../updates.ts';
import { ChartView } from './chart-view.ts';
import { countdown } from './countdown.ts';
import { byId, element, setText } from './dom.ts';

class SingleChart {
  readonly #chart: ChartView;
  readonly #caption: HTMLElement;
  readonly #words = element('span');
  readonly #timers = element('span', '', 'timers');
  readonly #name: string;
  readonly #title: string;
  #shownTimers = '';

  /** @param name of the chart @param title what it is called on the page */
  constructor(name: string, title: string) {
    this.#name = name;
    this.#title = title;
    const figure = byId(`${name}-chart`);
    this.#caption = figure.querySelector('figcaption') ?? element('figcaption');
    this.#caption.replaceChildren(this.#words, ' ', this.#timers);
    this.#chart = new ChartView(figure);
  }

  async load(): Promise<void> {
    await this.#chart.load(this.#name, `State chart of ${this.#title}, the current state marked`);
  }

  show({ states, timers }: ChartNow): void {
    setText(this.#words, `${this.#title}: ${this.#chart.data.meaning(states) || 'has ended.'}`);
    this.#chart.show(states);
    // A countdown goes on by itself: it is made anew only for another timer, or one that was set again.
    const due = timers.map(({ event, leftMs }) => [event, Math.round((performance.now() + leftMs) / 1_000)]);
    const shown = JSON.stringify(due);
    if (shown === this.#shownTimers) return;
    this.#shownTimers = shown;
    this.#timers.replaceChildren(...timers.map(countdown));
  }
}

export class RelayCharts {
  readonly #box = byId('relay-charts') as HTMLDetailsElement; // A <details> in index.html.
  #charts: { readonly relay: SingleChart; readonly push: SingleChart } | undefined;

  /** Called ten times a second: the charts are there soon after they have been opened. */
  show({ relay, push }: Overview): void {
    if (!this.#box.open) return;
    if (this.#charts === undefined) {
      this.#charts = { relay: new SingleChart('relay', 'the relay'), push: new SingleChart('push', 'push') };
      for (const chart of Object.values(this.#charts)) void chart.load();
    }
    this.#charts.relay.show(relay);
    this.#charts.push.show(push);
  }
}
