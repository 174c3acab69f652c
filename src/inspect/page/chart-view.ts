/** Shows a chart's SVG, which is drawn at build time. Only CSS classes change at run time. */
import type { TakenTransition } from '../updates.ts';

const LIT_MS = 1_600;
const SVG_TYPE = 'image/svg+xml';

/** Must match the class names that scripts/diagrams/hooks.js writes into the SVG. */
const slug = (dotted: string): string => dotted.replaceAll(/[^A-Za-z0-9.-]/g, '_').replaceAll('.', '__');

export class ChartView {
  readonly #figure: HTMLElement;
  #svg: SVGElement | undefined;
  #states: readonly string[] = [];
  #inView = '';

  constructor(figure: HTMLElement) {
    this.#figure = figure;
  }

  async load(name: string, label: string): Promise<void> {
    const response = await fetch(`/charts/${name}.svg`);
    const parsed = new DOMParser().parseFromString(await response.text(), SVG_TYPE).documentElement;
    const svg = document.importNode(parsed, true);
    if (!(svg instanceof SVGElement)) return;
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', label);
    svg.removeAttribute('width');
    svg.removeAttribute('height');
    this.#svg = svg;
    this.#figure.replaceChildren(svg);
    this.show(this.#states);
  }

  /** @param states ids of the active state nodes */
  show(states: readonly string[]): void {
    if (this.#svg !== undefined && states.join() === this.#inView) return;
    this.#states = states;
    const on = new Set(states.map((state) => `state-${slug(state)}`));
    for (const group of this.#svg?.querySelectorAll('[class*="state-"]') ?? []) {
      group.classList.toggle(
        'on',
        [...group.classList].some((name) => on.has(name)),
      );
    }
    if (states.join() !== this.#inView) this.#bringIntoView(states);
  }

  /** Scrolls the innermost state into view, because the chart is taller than the screen. */
  #bringIntoView(states: readonly string[]): void {
    const [innermost] = states.toSorted((a, b) => b.split('.').length - a.split('.').length);
    if (innermost === undefined || this.#svg === undefined) return;
    this.#inView = states.join();
    const box = this.#svg
      .querySelector(`.${CSS.escape(`state-${slug(innermost)}`)}`)
      ?.getBoundingClientRect();
    if (box === undefined) return;
    const frame = this.#figure.getBoundingClientRect();
    const top = this.#figure.scrollTop + box.top - frame.top - (frame.height - box.height) / 2;
    const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#figure.scrollTo({ top, behavior: isCalm ? 'instant' : 'smooth' });
  }

  /** Highlights the transitions for `LIT_MS`. */
  light(taken: readonly TakenTransition[]): void {
    for (const { source, event, index } of taken) {
      const name = `edge-${slug(source)}--${slug(event === '' ? 'always' : event)}--${index}`;
      for (const edge of this.#svg?.querySelectorAll(`.${CSS.escape(name)}`) ?? []) {
        edge.classList.add('lit');
        setTimeout(() => edge.classList.remove('lit'), LIT_MS);
      }
    }
  }
}
