/** Shows a chart: its picture for the width of the screen, the current state, and what was taken or is pointed at. */
import type { TakenTransition } from '../updates.ts';
import { ChartData, loadChartData } from './chart-data.ts';
import { listenToGestures } from './chart-gestures.ts';
import { edgeHook, edgeHooksOf } from './chart-hooks.ts';
import type { ChartPicture } from './chart-picture.ts';
import { ChartPictures } from './chart-pictures.ts';
import { ChartWindow } from './chart-window.ts';
import { element } from './dom.ts';
import { explanationsOf } from './explanations.ts';
import { reveal } from './reveal.ts';

const BUTTON_ZOOM = 1.4;
/** A small chart leaves room for what stands below it. */
const MOST_STRETCH = 1.05;
/** Part of the height of the screen that a chart takes at most: its caption and its tools are to be seen beside it. */
const MOST_HEIGHT = 0.82;

export class ChartView {
  /** Called with the hooks of the transitions that the user points at or focuses; with none when that ends. */
  pointed: (hooks: readonly string[]) => void = () => {};
  data = new ChartData([]);
  readonly #figure: HTMLElement;
  readonly #frame: HTMLElement;
  readonly #follow: HTMLElement;
  #pictures: ChartPictures | undefined;
  #picture: ChartPicture | undefined;
  #window: ChartWindow | undefined;
  #states: readonly string[] = [];
  #isFollowing = true;

  /** @param figure gets the picture and its tools */
  constructor(figure: HTMLElement) {
    this.#figure = figure;
    this.#frame = element('div', '', 'chart-frame');
    this.#frame.tabIndex = 0;
    this.#frame.setAttribute('role', 'group');
    const tools = element('div', '', 'chart-tools');
    const tool = (text: string, label: string, act: () => void): HTMLElement => {
      const button = element('button', text);
      button.setAttribute('type', 'button');
      button.setAttribute('aria-label', label);
      button.title = label;
      button.addEventListener('click', act);
      tools.append(button);
      return button;
    };
    tool('−', 'Zoom out', () => this.#window?.zoom(1 / BUTTON_ZOOM));
    tool('+', 'Zoom in', () => {
      this.#window?.zoomIn(BUTTON_ZOOM);
      this.#followNow();
    });
    tool('Fit', 'Fit the whole chart', () => this.#window?.fit());
    this.#follow = tool('Follow', 'Follow the current state', () => {
      this.#setFollowing(!this.#isFollowing);
      this.#followNow();
    });
    this.#setFollowing(true);
    const caption = figure.querySelector('figcaption') ?? element('figcaption');
    const bar = element('div', '', 'chart-bar');
    bar.append(caption, tools);
    this.#figure.append(bar, this.#frame);
    listenToGestures(
      this.#frame,
      () => this.#window,
      () => this.#setFollowing(false),
    );
    this.#listenToPointing();
    new ResizeObserver(() => this.#resize()).observe(this.#frame);
  }

  async load(name: string, label: string): Promise<void> {
    this.#frame.setAttribute('aria-label', label);
    [this.data, this.#pictures] = await Promise.all([loadChartData(name), ChartPictures.load(name, label)]);
    const explanations = explanationsOf(this.data);
    for (const picture of this.#pictures.all) picture.explain(explanations);
    window.addEventListener('resize', () => this.#resize());
    this.#resize();
  }

  get isShown(): boolean {
    return !this.#figure.hidden;
  }

  /** Brings the figure into view, the whole chart in it. */
  present(): void {
    this.#resize();
    this.#window?.fit(true);
    reveal(this.#figure, 'nearest');
  }

  /** @param states ids of the active states */
  show(states: readonly string[]): void {
    if (states.join() === this.#states.join()) return;
    this.#states = states;
    this.#activate();
    this.#followNow();
  }

  light(taken: readonly TakenTransition[]): void {
    for (const transition of taken) this.#picture?.light(edgeHook(transition));
  }

  /** Lights these and no others, until others are. */
  lightOnly(taken: readonly TakenTransition[]): void {
    this.#picture?.lightOnly(taken.map(edgeHook));
  }

  mark(hooks: readonly string[]): void {
    this.#picture?.mark(hooks);
  }

  get #innermost(): string {
    return this.#states.toSorted((a, b) => b.split('.').length - a.split('.').length)[0] ?? '';
  }

  #activate(): void {
    this.#picture?.activate(this.#states, this.#innermost);
    if (this.#window !== undefined) this.#window.current = this.#picture?.box(this.#innermost);
  }

  /** A hidden figure has no size: its picture is chosen when it is shown. */
  #resize(): void {
    const width = this.#frame.clientWidth;
    if (width === 0) return;
    const picture = this.#pictures?.suiting({ width, height: window.innerHeight * MOST_HEIGHT });
    if (picture === undefined || picture === this.#picture) this.#window?.resize();
    else this.#use(picture);
    this.#figure.classList.toggle('small', this.#window?.isLegibleWhole === false);
  }

  #use(picture: ChartPicture): void {
    this.#picture = picture;
    this.#frame.replaceChildren(picture.svg);
    const { full } = picture;
    this.#frame.style.aspectRatio = `${full.width} / ${full.height}`;
    this.#frame.style.maxHeight = `min(${MOST_HEIGHT * 100}vh, ${Math.ceil(full.height * MOST_STRETCH)}px)`;
    this.#window = new ChartWindow(picture.svg, full, () => ({
      width: this.#frame.clientWidth,
      height: this.#frame.clientHeight,
    }));
    this.#activate();
    this.#window.fit(true);
  }

  #setFollowing(isFollowing: boolean): void {
    this.#isFollowing = isFollowing;
    this.#follow.setAttribute('aria-pressed', String(isFollowing));
  }

  #followNow(): void {
    if (this.#isFollowing) this.#window?.follow();
  }

  #listenToPointing(): void {
    const hooksAt = (target: EventTarget | null): readonly string[] => {
      const part = target instanceof Element ? target.closest('[class*="edge-"]') : null;
      return part === null ? [] : edgeHooksOf(part);
    };
    for (const type of ['pointerover', 'focusin'] as const) {
      this.#frame.addEventListener(type, (event) => this.pointed(hooksAt(event.target)));
    }
    for (const type of ['pointerleave', 'focusout'] as const) {
      this.#frame.addEventListener(type, () => this.pointed([]));
    }
    // From a label, the arrow keys go to the next one.
    this.#frame.addEventListener('keydown', (event) => {
      const labels = this.#picture?.labels ?? [];
      const at = labels.findIndex((label) => label === event.target);
      const step = ['ArrowDown', 'ArrowRight'].includes(event.key)
        ? 1
        : ['ArrowUp', 'ArrowLeft'].includes(event.key)
          ? -1
          : 0;
      if (at === -1 || step === 0) return;
      event.preventDefault();
      event.stopPropagation();
      const next = labels[(at + step + labels.length) % labels.length];
      labels[at]?.setAttribute('tabindex', '-1');
      next?.setAttribute('tabindex', '0');
      next?.focus();
    });
  }
}
