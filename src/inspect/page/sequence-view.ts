/**
 * Sequence diagram: the server, binaries and phones are lifelines, and events between them are arrows, oldest at the top.
 * An event between a connection and its socket is an arrow from or to a dot beside the lifeline.
 */
import type { Party, TimelineEvent } from '../updates.ts';
import { byId } from './dom.ts';
import {
  type Arrow,
  arrowsOf,
  type Lifeline,
  lifelineOf,
  SERVER,
  SERVER_LIFELINE,
} from './sequence-arrows.ts';
import { type Layout, layOut, type Placed } from './sequence-layout.ts';
import { svgElement } from './svg.ts';

const ROW = 26;
const TOP = 40;
const HEAD_HEIGHT = 26;
/** Length of the arrow between a lifeline and its socket. */
const STUB = 30;
const TIP = 7;
/** Older arrows are dropped. */
const MOST_ARROWS = 200;

const rowY = (index: number): number => TOP + (index + 1) * ROW;

const arrowPath = (x1: number, x2: number, y: number): string => {
  const back = x2 > x1 ? -TIP : TIP;
  return `M${x1} ${y}H${x2}M${x2 + back} ${y - 4}L${x2} ${y}L${x2 + back} ${y + 4}`;
};

const drawLifeline = ({ name, x, first, last, hasEnded }: Placed): SVGElement[] => {
  const bottom = rowY(last);
  const cross = svgElement('path', { class: 'end', d: `M${x - 5} ${bottom - 5}l10 10m0 -10l-10 10` });
  return [
    svgElement('line', { class: 'lifeline', x1: x, x2: x, y1: rowY(first) - 8, y2: bottom }),
    svgElement('text', { class: 'name', x, y: rowY(first) - 12, 'text-anchor': 'middle' }, name),
    ...(hasEnded ? [cross] : []),
  ];
};

/** An actor's own events, and events to and from its socket. Drawn on the side away from the server. */
const drawBeside = ({ kind, text }: Arrow, { side, x }: Placed, y: number): SVGElement[] => {
  const outwards = side === 'binary' ? -1 : 1;
  const dot = x + outwards * STUB;
  const anchor = outwards === 1 ? 'start' : 'end';
  const textX = (kind === 'self' ? x : dot) + outwards * 8;
  const words = svgElement('text', { x: textX, y: y + 4, 'text-anchor': anchor }, text);
  if (kind === 'self') return [words];
  const [start, tip] = kind === 'to-socket' ? [x, dot - outwards * 4] : [dot, x];
  return [
    words,
    svgElement('circle', { class: 'socket', cx: dot, cy: y, r: 3.5 }),
    svgElement('path', { class: 'arrow', d: arrowPath(start, tip, y) }),
  ];
};

/** The text stands at the server, where all such arrows begin or end. */
const drawBetween = ({ text }: Arrow, from: Placed, to: Placed, y: number): SVGElement[] => {
  const [server, other] = from.side === 'server' ? [from, to] : [to, from];
  const [offset, anchor] = other.x > server.x ? [12, 'start'] : [-12, 'end'];
  return [
    svgElement('text', { x: server.x + offset, y: y - 5, 'text-anchor': anchor }, text),
    svgElement('path', { class: 'arrow', d: arrowPath(from.x, to.x, y) }),
  ];
};

export class SequenceView {
  readonly #box = byId('sequence');
  readonly #sockets = byId('show-sockets') as HTMLInputElement; // An <input> in index.html.
  readonly #known = new Map<string, Lifeline>([[SERVER, SERVER_LIFELINE]]);
  #arrows: Arrow[] = [];
  #layout: Layout = layOut(this.#known, []);
  #head = svgElement('svg', {});

  constructor() {
    this.#sockets.addEventListener('change', () => this.#draw());
    this.#box.addEventListener('scroll', () => this.#nameThoseInView());
  }

  clear(): void {
    this.#known.clear();
    this.#known.set(SERVER, SERVER_LIFELINE);
    this.#arrows = [];
    this.#draw();
  }

  add(events: readonly TimelineEvent[]): void {
    if (events.length === 0) return;
    for (const event of events) {
      for (const party of [event.from, event.to]) this.#know(party);
      this.#arrows.push(...arrowsOf(event));
    }
    this.#arrows = this.#arrows.slice(-MOST_ARROWS);
    const used = new Set([SERVER, ...this.#arrows.flatMap(({ from, to }) => [from, to])]);
    for (const key of this.#known.keys()) if (!used.has(key)) this.#known.delete(key);
    this.#draw();
  }

  #know(party: Party): void {
    if (party.connId !== '') this.#known.set(party.connId, lifelineOf(party));
  }

  #draw(): void {
    const shown = this.#arrows.filter(({ kind }) => this.#sockets.checked || !kind.endsWith('-socket'));
    this.#layout = layOut(this.#known, shown);
    const { width, lifelines } = this.#layout;
    const label = 'What server, binaries and phones tell each other, oldest at the top';
    const svg = svgElement('svg', { width, height: rowY(shown.length), role: 'img', 'aria-label': label });
    for (const lifeline of lifelines.values()) svg.append(...drawLifeline(lifeline));
    let lastTime = '';
    for (const [i, arrow] of shown.entries()) {
      const time = new Date(arrow.atMs).toLocaleTimeString('en-GB');
      svg.append(this.#drawArrow(arrow, rowY(i), time === lastTime ? '' : time));
      lastTime = time;
    }
    const isAtEnd = this.#box.scrollTop + this.#box.clientHeight >= this.#box.scrollHeight - ROW;
    this.#head = svgElement('svg', { class: 'heads', width, height: HEAD_HEIGHT, 'aria-hidden': 'true' });
    this.#box.replaceChildren(this.#head, svg);
    if (isAtEnd) this.#box.scrollTop = this.#box.scrollHeight;
    this.#nameThoseInView();
  }

  #drawArrow(arrow: Arrow, y: number, time: string): SVGElement {
    const group = svgElement('g', { class: `message ${arrow.kind}` });
    group.append(svgElement('title', {}, arrow.title));
    if (time !== '') group.append(svgElement('text', { class: 'when', x: 8, y: y + 4 }, time));
    const from = this.#layout.lifelines.get(arrow.from);
    const to = this.#layout.lifelines.get(arrow.to);
    if (from === undefined || to === undefined) return group;
    group.append(...(from === to ? drawBeside(arrow, from, y) : drawBetween(arrow, from, to, y)));
    return group;
  }

  /** The name stands where the lifeline begins, or at the top if that has scrolled away. */
  #nameThoseInView(): void {
    const top = this.#box.scrollTop;
    const names = [...this.#layout.lifelines.values()].filter(
      ({ first, last }) => rowY(first) - ROW < top && rowY(last) > top + HEAD_HEIGHT,
    );
    this.#head.replaceChildren(
      ...names.map(({ name, x }) =>
        svgElement('text', { class: 'name', x, y: 17, 'text-anchor': 'middle' }, name),
      ),
    );
  }
}
