/** Events of one server-id, newest first. */
import type { TimelineEvent } from '../updates.ts';
import { edgeHook } from './chart-hooks.ts';
import { byId, element } from './dom.ts';
import { type Names, OWN_NAMES } from './peer-names.ts';
import { isRefusal, messageText, route } from './words.ts';

/** Entries kept in the document. Older ones are dropped here; a recording still has them. */
const MOST_ENTRIES = 400;

export const timeOfDay = (atMs: number): string => {
  const at = new Date(atMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
};

/** Sender, recipient and event, the state after it, and the actor's orders and reports. */
export const describeEvent = (event: TimelineEvent, names: Names = OWN_NAMES): HTMLElement => {
  const { message, state, isIgnored, orders, reports } = event;
  const body = element('div');
  body.append(
    element('span', `${route(event, names)}: `, 'route'),
    element('code', messageText(message, names), 'event'),
  );
  if (isIgnored) body.append(element('span', ' ignored', 'after'));
  else if (state !== '') body.append(element('span', ' now ', 'after'), element('code', state));
  for (const order of orders)
    body.append(element('span', `↳ socket: ${messageText(order, names)}`, 'emitted'));
  for (const report of reports)
    body.append(element('span', `↳ reports ${messageText(report, names)}`, 'emitted'));
  return body;
};

export class TimelineView {
  /** Called with the chart transitions that the entry under the pointer has caused; with none after it. */
  pointed: (hooks: readonly string[]) => void = () => {};
  readonly #list = byId('timeline');
  readonly #search = byId('event-search') as HTMLInputElement; // An <input> in index.html.
  readonly #names: Names;
  #events: readonly TimelineEvent[] = [];

  constructor(names: Names) {
    this.#names = names;
    this.#search.addEventListener('input', () => this.#drawAll());
    byId('timeline-filter').addEventListener('submit', (event) => event.preventDefault());
    this.#list.addEventListener('pointerover', (event) => {
      const item = event.target instanceof Element ? event.target.closest('li') : null;
      this.pointed((item?.dataset['hooks'] ?? '').split(' ').filter((hook) => hook !== ''));
    });
    this.#list.addEventListener('pointerleave', () => this.pointed([]));
  }

  /** Shows these events and no others. */
  set(events: readonly TimelineEvent[]): void {
    this.#events = events.slice(-MOST_ENTRIES);
    this.#drawAll();
  }

  add(events: readonly TimelineEvent[]): void {
    if (events.length === 0) return;
    const wasEmpty = this.#events.length === 0;
    this.#events = [...this.#events, ...events].slice(-MOST_ENTRIES);
    if (wasEmpty) {
      this.#drawAll();
      return;
    }
    const fitting = events.filter((event) => this.#fits(event));
    if (fitting.length > 0) this.#list.querySelector('.none')?.remove();
    for (const event of fitting) this.#list.prepend(this.#entry(event));
    while (this.#list.childElementCount > MOST_ENTRIES) this.#list.lastElementChild?.remove();
  }

  /** Marks the entries whose events caused one of these transitions. */
  mark(hooks: readonly string[]): void {
    for (const item of this.#list.querySelectorAll('li')) {
      const own = (item.dataset['hooks'] ?? '').split(' ');
      item.classList.toggle(
        'hot',
        hooks.some((hook) => own.includes(hook)),
      );
    }
  }

  /** By the names on the page, and by ids. */
  #fits(event: TimelineEvent): boolean {
    const wanted = this.#search.value.trim().toLowerCase();
    const messages = [event.message, ...event.orders, ...event.reports];
    return [
      route(event),
      route(event, this.#names),
      ...messages.flatMap((message) => [messageText(message), messageText(message, this.#names)]),
    ]
      .join(' ')
      .toLowerCase()
      .includes(wanted);
  }

  #drawAll(): void {
    const fitting = this.#events.filter((event) => this.#fits(event)).toReversed();
    const none = this.#events.length === 0 ? 'none yet' : 'none of this kind';
    this.#list.replaceChildren(
      ...(fitting.length === 0 ? [element('li', none, 'none')] : fitting.map((event) => this.#entry(event))),
    );
  }

  #entry(event: TimelineEvent): HTMLElement {
    const item = element('li', '', isRefusal(event) ? 'refused' : event.isIgnored ? 'ignored' : '');
    item.dataset['hooks'] = event.taken.map(edgeHook).join(' ');
    item.append(element('time', timeOfDay(event.atMs)), describeEvent(event, this.#names));
    return item;
  }
}
