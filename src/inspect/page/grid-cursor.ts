/** The square of the picture of the whole that the pointer or the arrow keys are at: framed, named, and opened. */
import { byId, setText } from './dom.ts';
import { type Grid, type GridPlaces, gridFor } from './grid-places.ts';

const NOWHERE = -1;

export class GridCursor {
  readonly #places: GridPlaces;
  readonly #mark = byId('grid-mark');
  readonly #name = byId('whole-at');
  #grid: Grid = gridFor(0, 1, 1);
  #place = NOWHERE;

  constructor(canvas: HTMLCanvasElement, places: GridPlaces) {
    this.#places = places;
    canvas.addEventListener('pointermove', (event) => this.#goTo(this.#placeOf(event)));
    canvas.addEventListener('pointerleave', () => this.#goTo(NOWHERE));
    canvas.addEventListener('click', (event) => this.#open(this.#placeOf(event)));
    canvas.addEventListener('focus', () => {
      if (this.#place === NOWHERE) this.#goTo(this.#nextFrom(NOWHERE, 1));
    });
    canvas.addEventListener('blur', () => this.#goTo(NOWHERE));
    canvas.addEventListener('keydown', (event) => this.#press(event));
  }

  /** The squares stand like this now. */
  layOut(grid: Grid): void {
    this.#grid = grid;
  }

  /** What stands in the square may have changed. */
  refresh(): void {
    this.#goTo(this.#place);
  }

  #goTo(place: number): void {
    const row = this.#places.at(place);
    this.#place = row === undefined ? NOWHERE : place;
    this.#mark.hidden = row === undefined;
    if (row === undefined) {
      setText(this.#name, '');
      return;
    }
    const [serverId, state, phones] = row;
    setText(this.#name, `${serverId}: ${state}, ${phones} ${phones === 1 ? 'phone' : 'phones'}`);
    const { columns, step, gap } = this.#grid;
    const toCss = (pixels: number): string => `${pixels / window.devicePixelRatio}px`;
    this.#mark.style.left = toCss((place % columns) * step);
    this.#mark.style.top = toCss(Math.floor(place / columns) * step);
    this.#mark.style.width = toCss(step - gap);
    this.#mark.style.height = toCss(step - gap);
  }

  #open(place: number): void {
    const row = this.#places.at(place);
    if (row !== undefined) location.hash = encodeURIComponent(row[0]);
  }

  #placeOf({ offsetX, offsetY }: MouseEvent): number {
    const scale = window.devicePixelRatio;
    const { columns, step } = this.#grid;
    const column = Math.floor((offsetX * scale) / step);
    return column < columns ? Math.floor((offsetY * scale) / step) * columns + column : NOWHERE;
  }

  /** The next square in use, `step` by `step`; where it is now if there is none. */
  #nextFrom(place: number, step: number): number {
    for (let at = place + step; at >= 0 && at < this.#places.size; at += step) {
      if (this.#places.at(at) !== undefined) return at;
    }
    return place;
  }

  #press(event: KeyboardEvent): void {
    const { columns } = this.#grid;
    const moves: Readonly<Record<string, () => number>> = {
      ArrowLeft: () => this.#nextFrom(this.#place, -1),
      ArrowRight: () => this.#nextFrom(this.#place, 1),
      ArrowUp: () => this.#nextFrom(this.#place, -columns),
      ArrowDown: () => this.#nextFrom(this.#place, columns),
      Home: () => this.#nextFrom(NOWHERE, 1),
      End: () => this.#nextFrom(this.#places.size, -1),
    };
    const move = moves[event.key];
    if (event.key === 'Enter') this.#open(this.#place);
    if (move === undefined) return;
    event.preventDefault();
    this.#goTo(move());
    // A picture of thousands may be higher than the screen.
    this.#mark.scrollIntoView({ block: 'nearest' });
  }
}
