/** Events of one server-id, newest first. */
import type { TimelineEvent } from '../updates.ts';
import { byId, element } from './dom.ts';
import { isRefusal, messageText, route } from './words.ts';

/** Entries kept in the document. Older ones are dropped here; a recording still has them. */
const MOST_ENTRIES = 400;

const time = (atMs: number): string => {
  const at = new Date(atMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
};

/** Sender, recipient and event, the state after it, and the actor's orders and reports. */
export const describeEvent = (event: TimelineEvent): HTMLElement => {
  const { message, state, isIgnored, orders, reports } = event;
  const body = element('div');
  body.append(element('span', `${route(event)}: `, 'route'), element('code', messageText(message), 'event'));
  if (isIgnored) body.append(element('span', ' ignored', 'after'));
  else if (state !== '') body.append(element('span', ' now ', 'after'), element('code', state));
  for (const order of orders) body.append(element('span', `↳ socket: ${messageText(order)}`, 'emitted'));
  for (const report of reports) body.append(element('span', `↳ reports ${messageText(report)}`, 'emitted'));
  return body;
};

export class TimelineView {
  readonly #list = byId('timeline');
  readonly #search = byId('event-search') as HTMLInputElement; // An <input> in index.html.
  #events: TimelineEvent[] = [];
  #isPaused = false;

  constructor() {
    this.#search.addEventListener('input', () => this.#drawAll());
    byId('timeline-filter').addEventListener('submit', (event) => event.preventDefault());
    byId('pause').addEventListener('click', () => {
      this.#isPaused = !this.#isPaused;
      byId('pause').setAttribute('aria-pressed', String(this.#isPaused));
      byId('pause').textContent = this.#isPaused ? 'Resume' : 'Pause';
      if (!this.#isPaused) this.#drawAll();
    });
  }

  clear(): void {
    this.#events = [];
    this.#list.replaceChildren();
  }

  add(events: readonly TimelineEvent[]): void {
    this.#events = [...this.#events, ...events].slice(-MOST_ENTRIES);
    if (this.#isPaused) return;
    for (const event of events) if (this.#fits(event)) this.#list.prepend(this.#entry(event));
    while (this.#list.childElementCount > MOST_ENTRIES) this.#list.lastElementChild?.remove();
  }

  #fits(event: TimelineEvent): boolean {
    const wanted = this.#search.value.trim().toLowerCase();
    const messages = [event.message, ...event.orders, ...event.reports];
    return [route(event), ...messages.map(messageText)].join(' ').toLowerCase().includes(wanted);
  }

  #drawAll(): void {
    const fitting = this.#events.filter((event) => this.#fits(event)).toReversed();
    this.#list.replaceChildren(...fitting.map((event) => this.#entry(event)));
  }

  #entry(event: TimelineEvent): HTMLElement {
    const item = element('li', '', isRefusal(event) ? 'refused' : event.isIgnored ? 'ignored' : '');
    item.append(element('time', time(event.atMs)), describeEvent(event));
    return item;
  }
}
