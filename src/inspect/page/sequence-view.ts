/** Sequence diagram: binaries, server actor and phones as lifelines, messages as arrows, oldest on top. */
import type { TimelineEvent } from '../updates.ts';
import { byId } from './dom.ts';
import { eventName, isRefusal } from './timeline-view.ts';

const SVG = 'http://www.w3.org/2000/svg';
const LIFELINE_GAP = 190;
const ROW = 26;
const TOP = 34;
const LEFT = 90;
/** Older arrows are dropped. */
const MOST_ARROWS = 60;

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly kind: 'up' | 'down' | 'refused';
  readonly atMs: number;
}

const SERVER_LIFELINE = 'server actor';

const make = (name: string, attributes: Readonly<Record<string, string | number>>, text = ''): SVGElement => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== '') made.textContent = text;
  return made;
};

export class SequenceView {
  readonly #box = byId('sequence');
  /** Lifeline name by conn id. */
  #names = new Map<string, string>();
  #arrows: Arrow[] = [];

  clear(): void {
    this.#names = new Map();
    this.#arrows = [];
    this.#draw();
  }

  add(events: readonly TimelineEvent[]): void {
    for (const event of events) if (event.actor === 'server') this.#take(event);
    this.#arrows = this.#arrows.slice(-MOST_ARROWS);
    const shown = new Set(this.#arrows.flatMap(({ from, to }) => [from, to]));
    for (const [connId, name] of this.#names) if (!shown.has(name)) this.#names.delete(connId);
    if (events.length > 0) this.#draw();
  }

  #lifeline(connId: string, event: TimelineEvent, type: string): string {
    const known = this.#names.get(connId);
    if (known !== undefined) return known;
    const isPhone = type.startsWith('phone') || (event.connId === connId && event.role === 'phone');
    const name = `${isPhone ? 'phone' : 'binary'} ${connId.slice(2, 8)}`;
    this.#names.set(connId, name);
    return name;
  }

  #take(event: TimelineEvent): void {
    const { atMs } = event;
    const name = eventName(event.event);
    const isTimer = event.event.startsWith('xstate.');
    if (event.connId !== '' && !isTimer) {
      const from = this.#lifeline(event.connId, event, event.event);
      this.#arrows.push({ from, to: SERVER_LIFELINE, text: name, kind: 'up', atMs });
    } else if (event.event !== 'xstate.init') {
      this.#arrows.push({ from: SERVER_LIFELINE, to: SERVER_LIFELINE, text: name, kind: 'up', atMs });
    }
    for (const [type, connId, code] of event.emitted) {
      if (connId === '') continue;
      const kind = type.endsWith('.refused') && isRefusal(event) ? 'refused' : 'down';
      const to = this.#lifeline(connId, event, type);
      this.#arrows.push({
        from: SERVER_LIFELINE,
        to,
        text: code === null ? type : `${type} ${code}`,
        kind,
        atMs,
      });
    }
  }

  #draw(): void {
    const used = new Set(this.#arrows.flatMap(({ from, to }) => [from, to]));
    used.delete(SERVER_LIFELINE);
    const lifelines = [...used].filter((name) => name.startsWith('binary'));
    lifelines.push(SERVER_LIFELINE, ...[...used].filter((name) => name.startsWith('phone')));
    const xOf = new Map(
      lifelines.map((lifeline, i) => [lifeline, LEFT + i * LIFELINE_GAP + LIFELINE_GAP / 2]),
    );
    const height = TOP + (this.#arrows.length + 1) * ROW;
    const width = LEFT + lifelines.length * LIFELINE_GAP;
    const svg = make('svg', {
      width,
      height,
      role: 'img',
      'aria-label': 'Messages between binary, server actor and phones',
    });
    for (const [lifeline, x] of xOf) {
      svg.append(make('line', { class: 'lifeline', x1: x, x2: x, y1: TOP - 8, y2: height - 6 }));
      svg.append(make('text', { class: 'head', x, y: 18, 'text-anchor': 'middle' }, lifeline));
    }
    for (const [i, arrow] of this.#arrows.entries()) this.#drawArrow(svg, arrow, TOP + (i + 1) * ROW, xOf);
    const isAtEnd = this.#box.scrollTop + this.#box.clientHeight >= this.#box.scrollHeight - ROW;
    this.#box.replaceChildren(svg);
    if (isAtEnd) this.#box.scrollTop = this.#box.scrollHeight;
  }

  #drawArrow(
    svg: SVGElement,
    { from, to, text, kind, atMs }: Arrow,
    y: number,
    xOf: ReadonlyMap<string, number>,
  ): void {
    const x1 = xOf.get(from) ?? 0;
    const x2 = xOf.get(to) ?? 0;
    const when = new Date(atMs).toLocaleTimeString('en-GB');
    svg.append(make('text', { class: 'when', x: 8, y: y + 4 }, when));
    const middle = from === to ? x1 + 8 : (x1 + x2) / 2;
    const anchor = from === to ? 'start' : 'middle';
    svg.append(make('text', { x: middle, y: y - 4, 'text-anchor': anchor }, text));
    if (from === to) return;
    const tip = x2 > x1 ? -7 : 7;
    svg.append(
      make('path', {
        class: `arrow ${kind}`,
        d: `M${x1} ${y}H${x2}M${x2 + tip} ${y - 4}L${x2} ${y}L${x2 + tip} ${y + 4}`,
      }),
    );
  }
}
