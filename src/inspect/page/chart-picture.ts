/** The picture of a chart, drawn at build time: loaded, made ready to be pointed at, and marked through CSS classes. */
import { visibleText } from '../../protocol/visible-text.ts';
import { edgeHooksOf, stateHook } from './chart-hooks.ts';
import type { Box, Size } from './chart-window.ts';
import { svgElement } from './svg.ts';

const LIT_MS = 1_800;
const PADDING = 6;
const PILL = { x: 3, y: 1 };
const SVG_TYPE = 'image/svg+xml';

/** The box of an element in units of the whole picture. */
const boxOf = (part: SVGGraphicsElement, padding = 0): Box => {
  const { x, y, width, height } = part.getBBox();
  const shift = part.closest('g[transform]') instanceof SVGGElement ? shiftOf(part) : { x: 0, y: 0 };
  return {
    x: x + shift.x - padding,
    y: y + shift.y - padding,
    width: width + 2 * padding,
    height: height + 2 * padding,
  };
};

/** The pictures have one transformation: a shift of everything. */
const shiftOf = (part: SVGGraphicsElement): { x: number; y: number } => {
  const group = part.closest('g[transform]');
  const [, x, y] = /translate\(([-\d.]+)[ ,]([-\d.]+)\)/.exec(group?.getAttribute('transform') ?? '') ?? [];
  return { x: Number(x ?? 0), y: Number(y ?? 0) };
};

export class ChartPicture {
  readonly svg: SVGSVGElement;
  /** As it was drawn, with its margins. */
  readonly size: Size;

  private constructor(svg: SVGSVGElement) {
    this.svg = svg;
    const { width, height } = svg.viewBox.baseVal;
    this.size = { width, height };
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
    return picture;
  }

  /** The texts of all transitions. */
  get labels(): readonly SVGTextElement[] {
    return [...this.svg.querySelectorAll<SVGTextElement>('text[class*="edge-"]')];
  }

  /** What is drawn. Only a picture that is shown has a size. */
  get full(): Box {
    const outer = this.svg.querySelector('.group');
    return outer instanceof SVGGraphicsElement
      ? boxOf(outer, PADDING)
      : { x: 0, y: 0, width: 100, height: 100 };
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

  #parts(hook: string): readonly Element[] {
    return [...this.svg.querySelectorAll(`.${CSS.escape(hook)}`)];
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
