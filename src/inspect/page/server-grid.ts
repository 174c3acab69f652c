/**
 * A picture of the whole: each server-id is a square in the colour of its state, and each of its phones a dot. Only what
 * changes is drawn, so that twenty thousand of them can change all the time.
 */
import type { Row } from '../updates.ts';
import { byId } from './dom.ts';
import { GridCursor } from './grid-cursor.ts';
import { dotsFor, type Grid, GridPlaces, gridFor } from './grid-places.ts';

interface Rows {
  readonly isFull: boolean;
  readonly changed: readonly Row[];
  readonly gone: readonly string[];
}

/** Part of the window's height that the picture may take. */
const HEIGHT = 0.4;
const LEAST_HEIGHT = 90;
/** In smaller squares, dots must not drown the colour of the state. */
const CLEAR_SIDE = 7;
const FAINT = 0.55;

const COLOURS = ['live', 'probing', 'grace', 'released', 'dot'] as const;

export class ServerGrid {
  readonly #canvas = byId('grid') as HTMLCanvasElement; // A <canvas> in index.html.
  readonly #context = this.#canvas.getContext('2d', { alpha: true });
  readonly #places = new GridPlaces();
  readonly #cursor = new GridCursor(this.#canvas, this.#places);
  #grid: Grid = gridFor(0, 1, 1);
  #dirty = new Set<number>();
  #isWhole = true;
  #isDue = false;
  #colours: Readonly<Record<string, string>> = {};

  constructor() {
    new ResizeObserver(() => this.#redraw()).observe(byId('whole'));
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#redraw());
  }

  apply({ isFull, changed, gone }: Rows): void {
    const before = this.#places.size;
    if (isFull) this.#places.clear();
    for (const row of changed) this.#dirty.add(this.#places.set(row));
    for (const serverId of gone) this.#dirty.add(this.#places.delete(serverId) ?? 0);
    if (isFull || this.#places.size !== before) this.#isWhole = true;
    this.#schedule();
  }

  #redraw(): void {
    this.#isWhole = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  #draw(): void {
    const width = this.#canvas.clientWidth;
    if (width === 0 || this.#context === null) return;
    if (this.#isWhole) this.#layOut(width);
    const places = this.#isWhole ? this.#places.size : 0;
    for (let place = 0; place < places; place++) this.#drawSquare(place);
    if (!this.#isWhole) for (const place of this.#dirty) this.#drawSquare(place);
    this.#dirty.clear();
    this.#isWhole = false;
    this.#cursor.refresh();
  }

  #layOut(width: number): void {
    const scale = window.devicePixelRatio;
    const most = Math.max(LEAST_HEIGHT, window.innerHeight * HEIGHT);
    this.#grid = gridFor(this.#places.size, Math.floor(width * scale), Math.floor(most * scale));
    this.#cursor.layOut(this.#grid);
    const { columns, step } = this.#grid;
    const height = Math.max(1, Math.ceil(this.#places.size / columns)) * step;
    // Setting a size clears the canvas.
    this.#canvas.width = Math.floor(width * scale);
    this.#canvas.height = height;
    this.#canvas.style.height = `${height / scale}px`;
    const style = getComputedStyle(document.documentElement);
    this.#colours = Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`)]));
  }

  #drawSquare(place: number): void {
    const context = this.#context;
    if (context === null) return;
    const { columns, step, gap } = this.#grid;
    const [x, y] = [(place % columns) * step, Math.floor(place / columns) * step];
    const side = step - gap;
    const row = this.#places.at(place);
    if (row === undefined) {
      context.clearRect(x, y, side, side);
      return;
    }
    const [, state, phones] = row;
    context.fillStyle = this.#colours[state] ?? this.#colours['released'] ?? '';
    context.fillRect(x, y, side, side);
    if (phones === 0) return;
    const dots = dotsFor(phones, side);
    const start = Math.floor((side - (dots.across - 1) * dots.step - dots.size) / 2);
    context.fillStyle = this.#colours['dot'] ?? '';
    context.globalAlpha = side < CLEAR_SIDE ? FAINT : 1;
    for (let n = 0; n < dots.count; n++) {
      const [column, line] = [n % dots.across, Math.floor(n / dots.across)];
      context.fillRect(x + start + column * dots.step, y + start + line * dots.step, dots.size, dots.size);
    }
    context.globalAlpha = 1;
  }
}
