/** The picture of a chart, drawn at build time: loaded, made ready to be pointed at, and marked through CSS classes. */
import { visibleText } from '../../protocol/visible-text.ts';
import { edgeHooksOf, isEdgeOf, stateHook } from './chart-hooks.ts';
import type { Box, Pictured } from './chart-window.ts';
import { svgElement } from './svg.ts';

const LIT_MS = 1_800;
/** Around what is drawn, and how much of that is shown. */
const MARGIN = { drawn: 16, shown: 6 };
/** In pixels: smaller texts cannot be read. */
const LEGIBLE_SIZE = 9;
const PILL = { x: 3, y: 1 };
const SVG_TYPE = 'image/svg+xml';

/** The box of an element in units of the whole picture. */
const boxOf = (part: SVGGraphicsElement): Box => {
  const { x, y, width, height } = part.getBBox();
  const shift = part.closest('g[transform]') instanceof SVGGElement ? shiftOf(part) : { x: 0, y: 0 };
  return { x: x + shift.x, y: y + shift.y, width, height };
};

/** The pictures have one transformation: a shift of everything. */
const shiftOf = (part: SVGGraphicsElement): { x: number; y: number } => {
  const group = part.closest('g[transform]');
  const [, x, y] = /translate\(([-\d.]+)[ ,]([-\d.]+)\)/.exec(group?.getAttribute('transform') ?? '') ?? [];
  return { x: Number(x ?? 0), y: Number(y ?? 0) };
};

export class ChartPicture implements Pictured {
  readonly svg: SVGSVGElement;
  readonly full: Box;
  readonly legibleScale: number;

  private constructor(svg: SVGSVGElement) {
    this.svg = svg;
    const { width, height } = svg.viewBox.baseVal;
    const cut = MARGIN.drawn - MARGIN.shown;
    this.full = { x: cut, y: cut, width: width - 2 * cut, height: height - 2 * cut };
    const sizes = [...svg.querySelectorAll('text')].map((text) => Number(text.getAttribute('font-size')));
    this.legibleScale = LEGIBLE_SIZE / Math.min(...sizes);
  }

  /** @returns undefined if there is no such picture */
  static async load(name: string, label: string): Promise<ChartPicture | undefined> {
    const response = await fetch(`/charts/${name}.svg`);
    if (!response.ok) return undefined;
    const parsed = new DOMParser().parseFromString(await response.text(), SVG_TYPE).documentElement;
    const svg = document.importNode(parsed, true);
    if (!(svg instanceof SVGSVGElement)) return undefined;
    svg.setAttribute('aria-label', label);
    svg.setAttribute('role', 'group');
    svg.removeAttribute('width');
    svg.removeAttribute('height');
    svg.querySelector('title')?.remove();
    svg.querySelector('.card')?.remove();
    // A line is too thin to be pointed at.
    for (const line of svg.querySelectorAll('.edge > .line')) {
      const wide = line.cloneNode() as Element; // The clone of an element.
      wide.setAttribute('class', 'hit');
      line.before(wide);
    }
    const picture = new ChartPicture(svg);
    for (const [i, label] of picture.labels.entries()) {
      label.setAttribute('tabindex', i === 0 ? '0' : '-1');
      label.setAttribute('role', 'img');
      label.setAttribute('aria-label', `transition ${label.textContent}`);
    }
    for (const folded of svg.querySelectorAll('.folded')) {
      folded.setAttribute('tabindex', '0');
      folded.setAttribute('role', 'button');
      folded.append(svgElement('title', {}, 'Show what is in it'));
    }
    return picture;
  }

  /** The texts of all transitions. */
  get labels(): readonly SVGTextElement[] {
    return [...this.svg.querySelectorAll<SVGTextElement>('text[class*="edge-"]')];
  }

  /** The box of a state. */
  box(stateId: string): Box | undefined {
    const shape = this.svg.querySelector(
      `.${CSS.escape(stateHook(stateId))} > .box, .${CSS.escape(stateHook(stateId))} > .group`,
    );
    return shape instanceof SVGGraphicsElement ? boxOf(shape) : undefined;
  }

  /** @param sentences what to show when a transition is pointed at, by hook */
  explain(sentences: ReadonlyMap<string, string>): void {
    for (const label of this.labels) {
      const sentence = edgeHooksOf(label).flatMap((hook) => sentences.get(hook) ?? [])[0];
      if (sentence === undefined) continue;
      label.querySelector('title')?.remove();
      label.append(svgElement('title', {}, sentence));
      label.setAttribute('aria-label', visibleText(sentence));
    }
  }

  /** @param states ids of the active states @param innermost the one of them that is the current state */
  activate(states: readonly string[], innermost: string): void {
    // The chart itself is always active: to mark it says nothing.
    const on = new Set(states.filter((state) => state.includes('.')).map(stateHook));
    for (const group of this.svg.querySelectorAll('.state')) {
      group.classList.toggle(
        'on',
        [...group.classList].some((name) => on.has(name)),
      );
      group.classList.toggle('current', group.classList.contains(stateHook(innermost)));
    }
  }

  /** Lights a transition for a while: its own label, and the arrow that it may share with others. */
  light(hook: string): void {
    for (const part of this.#parts(hook)) {
      this.#setMark(part, 'lit', true);
      setTimeout(() => this.#setMark(part, 'lit', false), LIT_MS);
    }
  }

  /** Lights these transitions and no others, until others are. */
  lightOnly(hooks: readonly string[]): void {
    for (const part of this.svg.querySelectorAll('.lit')) this.#setMark(part, 'lit', false);
    for (const part of hooks.flatMap((hook) => this.#parts(hook))) this.#setMark(part, 'lit', true);
  }

  /** Marks these transitions and no others. */
  mark(hooks: readonly string[]): void {
    for (const part of this.svg.querySelectorAll('.hot')) this.#setMark(part, 'hot', false);
    for (const part of hooks.flatMap((hook) => this.#parts(hook))) this.#setMark(part, 'hot', true);
  }

  /** Its label and its arrow; the box that hides both, if that is folded. */
  #parts(hook: string): readonly Element[] {
    const parts = [...this.svg.querySelectorAll(`.${CSS.escape(hook)}`)];
    if (parts.length > 0) return parts;
    return [...this.svg.querySelectorAll('.folded')].filter((folded) =>
      [...folded.classList].some((name) => name.startsWith('state-') && isEdgeOf(hook, name)),
    );
  }

  /** A label gets a ground of its own size: nothing becomes wider, so nothing is clipped. */
  #setMark(part: Element, mark: 'lit' | 'hot', isOn: boolean): void {
    part.classList.toggle(mark, isOn);
    if (!(part instanceof SVGTextElement)) return;
    const before = part.previousElementSibling;
    const pill = before?.classList.contains('pill') ? before : undefined;
    const isMarked = part.classList.contains('lit') || part.classList.contains('hot');
    if (!isMarked) pill?.remove();
    else if (pill === undefined) {
      const { x, y, width, height } = part.getBBox();
      const at = { x: x - PILL.x, y: y - PILL.y, width: width + 2 * PILL.x, height: height + 2 * PILL.y };
      part.before(svgElement('rect', { class: 'pill', ...at, rx: 3 }));
    }
  }
}
