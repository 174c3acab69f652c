/**
 * Sequence diagram: the server, binaries and phones are lifelines, and events between them are arrows, oldest at the top.
 * An event between a connection and its socket is an arrow from or to a dot beside the lifeline. The titles of the
 * lifelines stay at the top while the arrows scroll below them.
 */
import type { Party, TimelineEvent } from '../updates.ts';
import { byId, element } from './dom.ts';
import { type Names, OWN_NAMES } from './peer-names.ts';
import {
  type Arrow,
  arrowsOf,
  type Lifeline,
  lifelineOf,
  SERVER,
  SERVER_LIFELINE,
} from './sequence-arrows.ts';
import {
  drawBeside,
  drawBetween,
  drawLifeline,
  drawTitle,
  HEAD_HEIGHT,
  isCarried,
  ROW,
  rowY,
  titleY,
} from './sequence-drawing.ts';
import { type Layout, layOut, type Placed } from './sequence-layout.ts';
import { svgElement } from './svg.ts';

const NARROW = '(max-width: 700px)';
/** Older arrows are dropped. */
const MOST_ARROWS = 200;

export class SequenceView {
  /** Called with the chart transitions that an arrow under the pointer or with the focus has caused; with none after it. */
  pointed: (hooks: readonly string[]) => void = () => {};
  readonly #box = byId('sequence');
  readonly #sockets = byId('show-sockets') as HTMLInputElement; // An <input> in index.html.
  readonly #known = new Map<string, Lifeline>([[SERVER, SERVER_LIFELINE]]);
  readonly #names: Names;
  #arrows: Arrow[] = [];
  #layout: Layout = layOut(this.#known, []);
  #head = svgElement('svg', {});
  /** Titles where the lifelines begin. */
  readonly #titles = new Map<Placed, SVGElement>();
  /** The arrow that the Tab key reaches. */
  #focused = -1;

  constructor(names: Names = OWN_NAMES) {
    this.#names = names;
    // On a narrow screen they are beside what is in view, and leave gaps there.
    this.#sockets.checked = !window.matchMedia(NARROW).matches;
    this.#sockets.addEventListener('change', () => this.#draw());
    this.#box.addEventListener('scroll', () => this.#nameThoseInView());
    this.#listenToPointing();
  }

  /** Shows these events and no others. */
  set(events: readonly TimelineEvent[]): void {
    this.#known.clear();
    this.#known.set(SERVER, SERVER_LIFELINE);
    this.#arrows = [];
    this.#append(events);
    this.#draw(true);
    const server = this.#layout.lifelines.get(SERVER)?.x ?? 0;
    this.#box.scrollLeft = server - this.#box.clientWidth / 2;
  }

  add(events: readonly TimelineEvent[]): void {
    if (events.length === 0) return;
    this.#append(events);
    this.#draw();
  }

  /** Marks the arrows whose events caused one of these transitions. */
  mark(hooks: readonly string[]): void {
    for (const group of this.#box.querySelectorAll('.message')) {
      const own = (group.getAttribute('data-hooks') ?? '').split(' ');
      group.classList.toggle(
        'hot',
        hooks.some((hook) => own.includes(hook)),
      );
    }
  }

  #append(events: readonly TimelineEvent[]): void {
    for (const event of events) {
      for (const party of [event.from, event.to]) this.#know(party);
      this.#arrows.push(...arrowsOf(event, this.#names));
    }
    this.#arrows = this.#arrows.slice(-MOST_ARROWS);
    const used = new Set([SERVER, ...this.#arrows.flatMap(({ from, to }) => [from, to])]);
    for (const key of this.#known.keys()) if (!used.has(key)) this.#known.delete(key);
  }

  #know(party: Party): void {
    if (party.connId !== '') this.#known.set(party.connId, lifelineOf(party, this.#names));
  }

  #draw(toEnd = false): void {
    const shown = this.#arrows.filter(({ kind }) => this.#sockets.checked || !kind.endsWith('-socket'));
    this.#layout = layOut(this.#known, shown);
    const { width, rows, rowOf, lifelines } = this.#layout;
    const label = 'What server, binaries and phones tell each other, oldest at the top';
    const svg = svgElement('svg', { width, height: rowY(rows), role: 'group', 'aria-label': label });
    this.#titles.clear();
    for (const lifeline of lifelines.values()) svg.append(...drawLifeline(lifeline));
    for (const lifeline of lifelines.values()) {
      if (lifeline.first <= 0) continue;
      const title = drawTitle(lifeline, titleY(lifeline));
      this.#titles.set(lifeline, title);
      svg.append(title);
    }
    let lastTime = '';
    for (const [i, arrow] of shown.entries()) {
      const time = new Date(arrow.atMs).toLocaleTimeString('en-GB');
      svg.append(this.#drawArrow(arrow, rowY(rowOf(i)), time === lastTime ? '' : time));
      lastTime = time;
    }
    const hadFocus = this.#box.contains(document.activeElement) && document.activeElement !== this.#box;
    const isAtEnd = toEnd || this.#box.scrollTop + this.#box.clientHeight >= this.#box.scrollHeight - ROW;
    this.#head = svgElement('svg', { class: 'heads', width, height: HEAD_HEIGHT, 'aria-hidden': 'true' });
    if (shown.length === 0) this.#box.replaceChildren(element('p', 'none yet', 'none'));
    else this.#box.replaceChildren(this.#head, svg);
    if (isAtEnd) this.#box.scrollTop = this.#box.scrollHeight;
    this.#nameThoseInView();
    this.#setFocusable(Math.min(this.#focused, shown.length - 1), hadFocus);
  }

  #drawArrow(arrow: Arrow, y: number, time: string): SVGElement {
    const group = svgElement('g', {
      class: `message ${arrow.kind}`,
      'data-hooks': arrow.hooks.join(' '),
      tabindex: -1,
      role: 'img',
      'aria-label': arrow.title,
    });
    group.append(svgElement('title', {}, arrow.title));
    group.append(
      svgElement('rect', { class: 'row', x: 0, y: y - ROW / 2 - 2, width: this.#layout.width, height: ROW }),
    );
    if (time !== '') group.append(svgElement('text', { class: 'when', x: 8, y: y + 4 }, time));
    const from = this.#layout.lifelines.get(arrow.from);
    const to = this.#layout.lifelines.get(arrow.to);
    if (from === undefined || to === undefined) return group;
    group.append(...(from === to ? drawBeside(arrow, from, y) : drawBetween(arrow, from, to, y)));
    return group;
  }

  /** Every lane that is in use at the top of what is in view. */
  #nameThoseInView(): void {
    const top = this.#box.scrollTop;
    const lanes = [...this.#layout.lifelines.values()].filter((lane) => isCarried(lane, top));
    // Never twice: a title that is carried along is not shown where it began.
    for (const [lane, title] of this.#titles) title.classList.toggle('carried', lanes.includes(lane));
    this.#head.replaceChildren(
      svgElement('rect', { class: 'ground', x: 0, y: 0, width: this.#layout.width, height: HEAD_HEIGHT }),
      ...lanes.map((lane) => drawTitle(lane, HEAD_HEIGHT / 2 + 5)),
    );
  }

  get #groups(): readonly SVGElement[] {
    return [...this.#box.querySelectorAll<SVGElement>('.message')];
  }

  #setFocusable(index: number, hasFocus: boolean): void {
    const groups = this.#groups;
    const at = index < 0 ? groups.length - 1 : index;
    this.#focused = index;
    for (const [i, group] of groups.entries()) group.setAttribute('tabindex', i === at ? '0' : '-1');
    if (hasFocus) groups[at]?.focus({ preventScroll: true });
  }

  #listenToPointing(): void {
    const hooksAt = (target: EventTarget | null): readonly string[] => {
      const group = target instanceof Element ? target.closest('.message') : null;
      return (group?.getAttribute('data-hooks') ?? '').split(' ').filter((hook) => hook !== '');
    };
    for (const type of ['pointerover', 'focusin'] as const) {
      this.#box.addEventListener(type, (event) => this.pointed(hooksAt(event.target)));
    }
    for (const type of ['pointerleave', 'focusout'] as const) {
      this.#box.addEventListener(type, () => this.pointed([]));
    }
    // From an arrow, the arrow keys go to the next one.
    this.#box.addEventListener('keydown', (event) => {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
      const groups = this.#groups;
      const at = groups.findIndex((group) => group === event.target);
      if (step === 0 || at === -1) return;
      event.preventDefault();
      const next = Math.max(0, Math.min(groups.length - 1, at + step));
      this.#setFocusable(next, false);
      groups[next]?.focus();
    });
  }
}
