/** Shows a chart: its picture for the width of the screen, the current state, and what was taken or is pointed at. */
import type { TakenTransition } from '../updates.ts';
import { causeOf } from './causes.ts';
import { ChartData, loadChartData } from './chart-data.ts';
import { listenToGestures } from './chart-gestures.ts';
import { edgeHook, edgeHooksOf } from './chart-hooks.ts';
import { ChartPicture } from './chart-picture.ts';
import { ChartWindow } from './chart-window.ts';
import { element } from './dom.ts';

const BUTTON_ZOOM = 1.4;
/** A small chart leaves room for what stands below it. */
const MOST_STRETCH = 1.05;
/** From this width on, a chart that is laid out from left to right is legible. */
const WIDE = '(min-width: 900px)';

/** "a binary dials with this server-id (binary.claimed [isHolder]) / joinLine" */
const sentences = (data: ChartData, states: readonly string[]): [string, string][] =>
  data
    .active(states)
    .flatMap(({ transitions }) =>
      transitions.map(({ hook, event, trigger, actions, target }): [string, string] => [
        hook,
        [
          `${trigger === '' ? 'always' : trigger}: ${causeOf(event)}`,
          target === null ? '' : `→ ${target}`,
          actions === '' ? '' : `/ ${actions}`,
        ]
          .filter((part) => part !== '')
          .join(' '),
      ]),
    );

export class ChartView {
  /** Called with the hooks of the transitions that the user points at or focuses; with none when that ends. */
  pointed: (hooks: readonly string[]) => void = () => {};
  data = new ChartData([]);
  readonly #figure: HTMLElement;
  readonly #frame: HTMLElement;
  readonly #follow: HTMLElement;
  readonly #pictures = new Map<string, ChartPicture | undefined>();
  #picture: ChartPicture | undefined;
  #window: ChartWindow | undefined;
  #states: readonly string[] = [];
  #isFollowing = true;
  #hasBegun = false;

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
      this.#window?.zoom(BUTTON_ZOOM);
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
    const isWide = window.matchMedia(WIDE);
    const choose = async (): Promise<void> => {
      const file = `${name}-${isWide.matches ? 'wide' : 'tall'}`;
      if (!this.#pictures.has(file)) this.#pictures.set(file, await ChartPicture.load(file, label));
      this.#use(this.#pictures.get(file));
    };
    isWide.addEventListener('change', () => void choose());
    this.data = await loadChartData(name);
    await choose();
  }

  /** @param states ids of the active states */
  show(states: readonly string[]): void {
    if (states.join() === this.#states.join()) return;
    this.#states = states;
    this.#picture?.activate(states, this.#innermost);
    if (!this.#hasBegun) this.#begin();
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

  #use(picture: ChartPicture | undefined): void {
    if (picture === undefined) return;
    this.#picture = picture;
    this.#frame.replaceChildren(picture.svg);
    picture.explain(new Map(sentences(this.data, this.data.ids)));
    picture.activate(this.#states, this.#innermost);
    this.#window = undefined;
    this.#hasBegun = false;
    this.#resize();
  }

  /** A hidden figure has no size: its window is made when it is shown. */
  #resize(): void {
    const picture = this.#picture;
    if (picture === undefined || this.#frame.clientWidth === 0) return;
    if (this.#window === undefined) {
      const { full } = picture;
      this.#frame.style.aspectRatio = `${full.width} / ${full.height}`;
      this.#frame.style.maxHeight = `min(88vh, ${Math.ceil(full.height * MOST_STRETCH)}px)`;
      this.#window = new ChartWindow(picture.svg, full, () => ({
        width: this.#frame.clientWidth,
        height: this.#frame.clientHeight,
      }));
      this.#begin();
      return;
    }
    this.#window.resize();
  }

  #begin(): void {
    if (this.#window === undefined) return;
    const current = this.#picture?.box(this.#innermost);
    this.#hasBegun = current !== undefined;
    this.#window.begin(current);
  }

  #setFollowing(isFollowing: boolean): void {
    this.#isFollowing = isFollowing;
    this.#follow.setAttribute('aria-pressed', String(isFollowing));
  }

  #followNow(): void {
    const box = this.#isFollowing ? this.#picture?.box(this.#innermost) : undefined;
    if (box !== undefined) this.#window?.follow(box);
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
