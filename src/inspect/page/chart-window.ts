/** The part of a chart that is in view: fit, zoom, pan, and following the current state without a jump. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

/** What is looked at: `full` is what is drawn, and can be read from `legibleScale` on. */
export interface Pictured {
  readonly svg: SVGElement;
  readonly full: Box;
  readonly legibleScale: number;
}

/** The centre of what is in view, in units of the picture, and how many pixels a unit takes. */
interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** By how much more than just legible a chart is enlarged in one step that is too small to read. */
const READING = 1.15;
const MOST_FIT_SCALE = 1.3;
const SCALES = { least: 0.2, most: 4 };
const MOVE_MS = 380;
/** Room that a state which is followed keeps to the border, in pixels. */
const EDGE = 12;

const clamp = (value: number, least: number, most: number): number =>
  least > most ? (least + most) / 2 : Math.min(most, Math.max(least, value));

/** With which all of `full` is in a window of this size. */
export const fittingScale = (full: Size, size: Size): number =>
  Math.min(size.width / full.width, size.height / full.height, MOST_FIT_SCALE);

export class ChartWindow {
  /** The current state. */
  current: Box | undefined;
  readonly #svg: SVGElement;
  readonly #full: Box;
  readonly #legibleScale: number;
  readonly #size: () => Size;
  readonly #opensWhole: boolean;
  #view: View = { x: 0, y: 0, scale: 1 };
  #target: View = this.#view;
  #isFitted = true;
  #isAsOpened = true;
  #frame = 0;

  /** @param size of the window in pixels @param opensWhole whether it does so even where it is too small to read then */
  constructor({ svg, full, legibleScale }: Pictured, size: () => Size, opensWhole: boolean) {
    this.#svg = svg;
    this.#full = full;
    this.#legibleScale = legibleScale;
    this.#size = size;
    this.#opensWhole = opensWhole;
  }

  /** Whether the whole chart is in view. */
  get isFitted(): boolean {
    return this.#isFitted;
  }

  /** Whether the whole chart can be read. */
  get isLegibleWhole(): boolean {
    return this.#fitting().scale >= this.#legibleScale;
  }

  #fitting(): View {
    return { ...centreOf(this.#full), scale: fittingScale(this.#full, this.#size()) };
  }

  /** The whole chart, or, where it is to be read and too small for that, what is around the current state. */
  open(): void {
    if (this.#opensWhole || this.isLegibleWhole) this.fit(true);
    else {
      this.#isFitted = false;
      const scale = this.#legibleScale * READING;
      this.#moveTo(this.#within({ ...centreOf(this.current ?? this.#full), scale }), true);
    }
    this.#isAsOpened = true;
  }

  fit(isCalm = false): void {
    this.#isFitted = true;
    this.#isAsOpened = false;
    this.#moveTo(this.#fitting(), isCalm);
  }

  /** The window has another size now. */
  resize(): void {
    if (this.#isAsOpened) this.open();
    else if (this.#isFitted) this.fit(true);
    else this.#moveTo(this.#within(this.#target), true);
  }

  /** From a whole chart that is too small to read, to a part that is not: around `at`, or around the current state. */
  zoomIn(factor: number, at?: { readonly x: number; readonly y: number }): void {
    const { scale } = this.#target;
    const reading = this.#legibleScale * READING;
    if (!this.#isFitted || scale >= this.#legibleScale) this.zoom(factor, at);
    else if (at !== undefined || this.current === undefined) this.zoom(reading / scale, at);
    else {
      this.#isFitted = false;
      this.#isAsOpened = false;
      this.#moveTo(this.#within({ ...centreOf(this.current), scale: reading }), false);
    }
  }

  /** @param at a point of the window that stays where it is, in pixels; its centre if not given */
  zoom(factor: number, at?: { readonly x: number; readonly y: number }, isCalm = false): void {
    const { width, height } = this.#size();
    const { x, y, scale } = this.#target;
    const next = clamp(scale * factor, SCALES.least, SCALES.most);
    const [dx, dy] = at === undefined ? [0, 0] : [at.x - width / 2, at.y - height / 2];
    this.#isFitted = false;
    this.#isAsOpened = false;
    const there = { x: x + dx / scale - dx / next, y: y + dy / scale - dy / next, scale: next };
    this.#moveTo(this.#within(there), isCalm);
  }

  /** By pixels. */
  pan(dx: number, dy: number, isCalm = true): void {
    const { x, y, scale } = this.#target;
    this.#isFitted = false;
    this.#isAsOpened = false;
    this.#moveTo(this.#within({ x: x - dx / scale, y: y - dy / scale, scale }), isCalm);
  }

  /** Moves only if the current state is not in view. */
  follow(): void {
    const box = this.current;
    if (this.#isFitted || box === undefined) return;
    const { x, y, scale } = this.#target;
    const { width, height } = this.#size();
    const [w, h] = [(width - 2 * EDGE) / scale, (height - 2 * EDGE) / scale];
    const isInView =
      box.x >= x - w / 2 &&
      box.x + box.width <= x + w / 2 &&
      box.y >= y - h / 2 &&
      box.y + box.height <= y + h / 2;
    if (!isInView) this.#moveTo(this.#within({ ...centreOf(box), scale }), false);
  }

  /** Keeps the chart in the window, and in its middle if it is smaller. */
  #within({ x, y, scale }: View): View {
    const { width, height } = this.#size();
    const [w, h] = [width / scale / 2, height / scale / 2];
    const full = this.#full;
    return {
      x: clamp(x, full.x + w, full.x + full.width - w),
      y: clamp(y, full.y + h, full.y + full.height - h),
      scale,
    };
  }

  #moveTo(target: View, isCalm: boolean): void {
    this.#target = target;
    // One finger moves a chart that is cut off, and the page on one that is whole.
    this.#svg.classList.toggle('loose', !this.#isFitted);
    cancelAnimationFrame(this.#frame);
    if (isCalm || window.matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.#show(target);
      return;
    }
    const from = this.#view;
    const startedMs = performance.now();
    const step = (nowMs: number): void => {
      const t = clamp((nowMs - startedMs) / MOVE_MS, 0, 1);
      const eased = t * t * (3 - 2 * t);
      const between = (a: number, b: number): number => a + (b - a) * eased;
      this.#show({
        x: between(from.x, target.x),
        y: between(from.y, target.y),
        scale: between(from.scale, target.scale),
      });
      if (t < 1) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  #show(view: View): void {
    this.#view = view;
    const { width, height } = this.#size();
    if (width === 0 || height === 0) return;
    const [w, h] = [width / view.scale, height / view.scale];
    this.#svg.setAttribute('viewBox', `${view.x - w / 2} ${view.y - h / 2} ${w} ${h}`);
  }
}

const centreOf = ({ x, y, width, height }: Box): { x: number; y: number } => ({
  x: x + width / 2,
  y: y + height / 2,
});
