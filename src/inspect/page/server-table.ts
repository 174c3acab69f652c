/** Virtualised table of all server-ids: only visible rows are in the DOM, so 10,000 rows scroll smoothly. */
import { visibleText } from '../../protocol/visible-text.ts';
import type { Row } from '../updates.ts';
import { byId, element, setText } from './dom.ts';

const ROW_HEIGHT = 30;
/** Extra rows rendered above and below the viewport, so that scrolling shows no gap. */
const MARGIN = 10;

const COLUMNS = ['serverId', 'state', 'phones', 'line'] as const;

/** From this many on, the table is put in order less often than its rows change. */
const MANY_ROWS = 4_000;
const ARRANGE_INTERVAL_MS = 500;

/** Changes in place, so that a row that changes is found wherever it is listed. */
interface Entry {
  row: Row;
  /** What is searched and sorted by. */
  readonly key: string;
}

const inOrder = (x: string | number, y: string | number): number => (x < y ? -1 : x > y ? 1 : 0);

const compare = (a: Entry, b: Entry, column: number): number =>
  column === 0 ? inOrder(a.key, b.key) : inOrder(a.row[column] ?? 0, b.row[column] ?? 0);

export class ServerTable {
  readonly #entries = new Map<string, Entry>();
  readonly #viewport = byId('viewport');
  readonly #spacer = byId('spacer');
  readonly #container = byId('rows');
  readonly #search = byId('search') as HTMLInputElement; // An <input> in index.html.
  readonly #state = byId('state-filter') as HTMLSelectElement; // A <select> in index.html.
  #shown: Entry[] = [];
  #sortColumn = 0;
  #isDescending = false;
  #selected = -1;
  #isStale = false;
  #isUndrawn = false;
  #arrangedAtMs = 0;

  constructor() {
    this.#viewport.addEventListener('scroll', () => this.#draw());
    window.addEventListener('resize', () => this.#draw());
    for (const input of [this.#search, this.#state]) input.addEventListener('input', () => this.#arrange());
    byId('filter').addEventListener('submit', (event) => event.preventDefault());
    for (const button of document.querySelectorAll<HTMLElement>('.head button')) {
      button.addEventListener('click', () => this.#sortBy(Number(button.dataset['sort'])));
    }
    for (const box of [byId('table'), this.#search])
      box.addEventListener('keydown', (event) => this.#press(event));
    document.addEventListener('keydown', (event) => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement || byId('overview').hidden) return;
      event.preventDefault();
      this.#search.focus();
    });
    this.#markSort();
  }

  apply(rows: {
    readonly isFull: boolean;
    readonly changed: readonly Row[];
    readonly gone: readonly string[];
  }): void {
    // Order and choice of the rows depend on what has changed.
    this.#isStale ||= rows.isFull || rows.gone.length > 0 || this.#sortColumn > 0 || this.#state.value !== '';
    if (rows.isFull) this.#entries.clear();
    for (const row of rows.changed) this.#set(row);
    for (const serverId of rows.gone) this.#entries.delete(serverId);
    if (this.#isUndrawn) return;
    this.#isUndrawn = true;
    requestAnimationFrame(() => this.#refresh());
  }

  #set(row: Row): void {
    const entry = this.#entries.get(row[0]);
    if (entry !== undefined) {
      entry.row = row;
      return;
    }
    this.#entries.set(row[0], { row, key: visibleText(row[0]).toLowerCase() });
    this.#isStale = true;
  }

  #refresh(): void {
    this.#isUndrawn = false;
    const waitMs =
      this.#entries.size < MANY_ROWS ? 0 : this.#arrangedAtMs + ARRANGE_INTERVAL_MS - performance.now();
    if (!this.#isStale) this.#draw();
    else if (waitMs <= 0) this.#arrange();
    else {
      this.#isUndrawn = true;
      setTimeout(() => this.#refresh(), waitMs);
    }
  }

  focus(): void {
    byId('table').focus();
  }

  #sortBy(column: number): void {
    this.#isDescending = this.#sortColumn === column ? !this.#isDescending : column > 1;
    this.#sortColumn = column;
    this.#markSort();
    this.#arrange();
  }

  #markSort(): void {
    for (const button of document.querySelectorAll<HTMLElement>('.head button')) {
      const isSorted = Number(button.dataset['sort']) === this.#sortColumn;
      const order = this.#isDescending ? 'descending' : 'ascending';
      button.setAttribute('aria-sort', isSorted ? order : 'none');
    }
  }

  #arrange(): void {
    this.#isStale = false;
    const wanted = this.#search.value.trim().toLowerCase();
    const state = this.#state.value;
    const selected = this.#shown[this.#selected]?.row[0];
    this.#arrangedAtMs = performance.now();
    this.#shown = [...this.#entries.values()]
      .filter(({ row, key }) => (state === '' || row[1] === state) && key.includes(wanted))
      .sort((a, b) => compare(a, b, this.#sortColumn) * (this.#isDescending ? -1 : 1) || compare(a, b, 0));
    // By name: a stream that begins anew brings every row anew.
    this.#selected = this.#shown.findIndex(({ row }) => row[0] === selected);
    const { size } = this.#entries;
    const of = size === this.#shown.length ? '' : ` of ${size.toLocaleString('en')}`;
    setText(byId('shown'), `${this.#shown.length.toLocaleString('en')}${of}`);
    byId('empty').hidden = size > 0;
    byId('hint').hidden = size === 0;
    byId('table').setAttribute('aria-rowcount', String(this.#shown.length));
    this.#spacer.style.height = `${this.#shown.length * ROW_HEIGHT}px`;
    // Few rows leave no empty space below them.
    this.#viewport.style.setProperty('--rows', `${this.#shown.length * ROW_HEIGHT}px`);
    this.#draw();
  }

  #draw(): void {
    const first = Math.max(0, Math.floor(this.#viewport.scrollTop / ROW_HEIGHT) - MARGIN);
    const count = Math.ceil(this.#viewport.clientHeight / ROW_HEIGHT) + 2 * MARGIN;
    const rows = this.#shown.slice(first, first + count).map(({ row }) => row);
    this.#container.style.transform = `translateY(${first * ROW_HEIGHT}px)`;
    while (this.#container.childElementCount > rows.length) this.#container.lastElementChild?.remove();
    for (const [i, row] of rows.entries()) this.#fill(this.#rowElement(i), row, first + i);
  }

  #rowElement(i: number): HTMLAnchorElement {
    const existing = this.#container.children[i];
    if (existing instanceof HTMLAnchorElement) return existing;
    const made = document.createElement('a');
    made.setAttribute('role', 'row');
    made.tabIndex = -1;
    for (const column of COLUMNS) {
      const cell = element('span', '', column === 'state' ? 'state' : '');
      cell.setAttribute('role', 'gridcell');
      made.append(cell);
    }
    this.#container.append(made);
    return made;
  }

  #fill(target: HTMLAnchorElement, row: Row, index: number): void {
    const href = `#${encodeURIComponent(row[0])}`;
    if (target.getAttribute('href') !== href) target.setAttribute('href', href);
    target.className = index === this.#selected ? 'row selected' : 'row';
    target.setAttribute('aria-rowindex', String(index + 1));
    target.setAttribute('aria-selected', String(index === this.#selected));
    for (const [i, value] of row.entries()) {
      const cell = target.children[i];
      if (!(cell instanceof HTMLElement)) continue;
      setText(cell, String(value));
      if (i === 1) cell.className = `state ${value}`;
    }
  }

  #press(event: KeyboardEvent): void {
    const page = Math.floor(this.#viewport.clientHeight / ROW_HEIGHT);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -this.#shown.length,
      End: this.#shown.length,
    };
    const isInSearch = event.target === this.#search;
    if (event.key === 'Escape' && isInSearch) {
      this.#search.value = '';
      this.#arrange();
      this.focus();
      return;
    }
    if (event.key === 'Enter' && (isInSearch || event.target === byId('table'))) {
      // What was searched for is at the top.
      const row = this.#shown[isInSearch ? Math.max(0, this.#selected) : this.#selected]?.row;
      if (row !== undefined) location.hash = encodeURIComponent(row[0]);
      return;
    }
    // They move the cursor in the text.
    if (isInSearch && (event.key === 'Home' || event.key === 'End')) return;
    const step = steps[event.key];
    if (step === undefined || this.#shown.length === 0) return;
    event.preventDefault();
    this.#selected = Math.max(0, Math.min(this.#shown.length - 1, this.#selected + step));
    const top = this.#selected * ROW_HEIGHT;
    if (top < this.#viewport.scrollTop) this.#viewport.scrollTop = top;
    const bottom = top + ROW_HEIGHT - this.#viewport.clientHeight;
    if (bottom > this.#viewport.scrollTop) this.#viewport.scrollTop = bottom;
    this.#draw();
  }
}
