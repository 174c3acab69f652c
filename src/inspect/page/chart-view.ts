/** Shows a chart: its picture for the size of the screen, the current state, and what was taken or is pointed at. */
import type { TakenTransition } from '../updates.ts';
import { ChartData, loadChartData } from './chart-data.ts';
import { listenToGestures } from './chart-gestures.ts';
import { edgeHook, stateHook } from './chart-hooks.ts';
import type { ChartPicture } from './chart-picture.ts';
import { ChartPictures } from './chart-pictures.ts';
import { listenToFolds, listenToLabelKeys, listenToPointing } from './chart-pointing.ts';
import { chartTools } from './chart-tools.ts';
import { ChartWindow, type Size } from './chart-window.ts';
import { element } from './dom.ts';
import { explanationsOf } from './explanations.ts';
import { reveal } from './reveal.ts';

const BUTTON_ZOOM = 1.4;
/** Part of the height of the screen that a chart takes at most: its caption and its tools are to be seen beside it. */
const MOST_HEIGHT = 0.88;

export class ChartView {
  /** Called with the hooks of the transitions that the user points at or focuses; with none when that ends. */
  pointed: (hooks: readonly string[]) => void = () => {};
  data = new ChartData([]);
  readonly #figure: HTMLElement;
  readonly #frame: HTMLElement;
  readonly #follow: HTMLElement;
  readonly #all: HTMLElement;
  #pictures: ChartPictures | undefined;
  #picture: ChartPicture | undefined;
  #window: ChartWindow | undefined;
  #states: readonly string[] = [];
  #isFollowing = true;
  /** The state that is shown in full where there is no room for all of them. */
  #subject: string | undefined;
  /** Whether all of them are wanted all the same. */
  #isAll = false;

  /** @param figure gets the picture and its tools */
  constructor(figure: HTMLElement) {
    this.#figure = figure;
    this.#frame = element('div', '', 'chart-frame');
    this.#frame.tabIndex = 0;
    this.#frame.setAttribute('role', 'group');
    const { bar, add } = chartTools(figure);
    add('−', 'Zoom out', () => this.#window?.zoom(1 / BUTTON_ZOOM));
    add('+', 'Zoom in', () => {
      this.#window?.zoomIn(BUTTON_ZOOM);
      this.#followNow();
    });
    add('Fit', 'Fit the whole chart', () => this.#window?.fit());
    this.#all = add('All', 'Show what is in all states', () => this.#setAll(!this.#isAll));
    this.#follow = add('Follow', 'Follow the current state', () => {
      this.#setFollowing(!this.#isFollowing);
      this.#followNow();
    });
    this.#setFollowing(true);
    this.#setAll(false);
    this.#figure.append(bar, this.#frame);
    listenToGestures(
      this.#frame,
      () => this.#window,
      () => this.#setFollowing(false),
    );
    listenToPointing(this.#frame, (hooks) => this.pointed(hooks));
    listenToLabelKeys(this.#frame, () => this.#picture?.labels ?? []);
    listenToFolds(this.#frame, (folded) => this.#unfold(folded));
    new ResizeObserver(() => this.#resize()).observe(this.#frame);
  }

  async load(name: string, label: string): Promise<void> {
    this.#frame.setAttribute('aria-label', label);
    this.data = await loadChartData(name);
    this.#subject = this.data.closeUps[0];
    const pictures = await ChartPictures.load(this.data, label);
    const explanations = explanationsOf(this.data);
    for (const picture of pictures.all) picture.explain(explanations);
    this.#pictures = pictures;
    window.addEventListener('resize', () => this.#resize());
    this.#followNow();
    this.#resize();
  }

  get isShown(): boolean {
    return !this.#figure.hidden;
  }

  /** Brings the figure into view, the chart in it as it opens. */
  present(): void {
    this.#setAll(false);
    this.#setFollowing(true);
    this.#followNow();
    this.#window?.open();
    reveal(this.#figure, 'nearest');
    // Its caption may be so long that there is no room for both.
    reveal(this.#frame, 'nearest');
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
    if (width === 0 || this.#pictures === undefined) return;
    const room: Size = { width, height: window.innerHeight * MOST_HEIGHT };
    const subject = this.#isAll ? undefined : this.#subject;
    const picture = this.#pictures.suiting(room, subject);
    this.#all.hidden = !this.#pictures.needsCloseUps(room);
    this.#frame.style.height = `${this.#pictures.heightOf(room, subject)}px`;
    if (picture === undefined || picture === this.#picture) this.#window?.resize();
    else this.#use(picture);
    this.#figure.classList.toggle('small', this.#window?.isLegibleWhole === false);
  }

  #use(picture: ChartPicture): void {
    this.#picture = picture;
    this.#frame.replaceChildren(picture.svg);
    const size = (): Size => ({ width: this.#frame.clientWidth, height: this.#frame.clientHeight });
    this.#window = new ChartWindow(picture, size, this.#pictures?.isWhole(picture) ?? true);
    this.#activate();
    this.#window.open();
  }

  #setFollowing(isFollowing: boolean): void {
    this.#isFollowing = isFollowing;
    this.#follow.setAttribute('aria-pressed', String(isFollowing));
  }

  #setAll(isAll: boolean): void {
    this.#isAll = isAll;
    this.#all.setAttribute('aria-pressed', String(isAll));
    this.#resize();
  }

  #unfold(folded: Element): void {
    const subject = this.data.closeUps.find((id) => folded.classList.contains(stateHook(id)));
    if (subject === undefined) return;
    this.#subject = subject;
    // Whoever looks elsewhere is left alone, until he asks to follow again.
    this.#setFollowing(this.#states.includes(subject));
    this.#resize();
    this.#frame.focus({ preventScroll: true });
  }

  /** Shows the current state: in full if it was folded, and by moving the chart only if it is out of view. */
  #followNow(): void {
    if (!this.#isFollowing) return;
    const subject = this.data.closeUps.find((id) => this.#states.includes(id)) ?? this.#subject;
    if (subject !== this.#subject) {
      this.#subject = subject;
      this.#resize();
    }
    this.#window?.follow();
  }
}
