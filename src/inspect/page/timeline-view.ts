/** Events of one server-id, newest first. */
import type { TimelineEvent } from '../updates.ts';
import { byId, element } from './dom.ts';

/** Entries kept in the document. Older ones are dropped here; a recording still has them. */
const MOST_ENTRIES = 400;

const time = (atMs: number): string => {
  const at = new Date(atMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
};

/** Shortens XState's names: `xstate.after.gracePeriod.server.claimed.grace` becomes `after gracePeriod`. */
export const eventName = (event: string): string => {
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(event) ?? [];
  if (delay !== undefined) return `after ${delay}`;
  return event === 'xstate.init' ? 'created' : event;
};

export const isRefusal = ({ emitted }: TimelineEvent): boolean =>
  emitted.some(([type]) => type.endsWith('.refused'));

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

  #fits({ event, connId, emitted, role }: TimelineEvent): boolean {
    const wanted = this.#search.value.trim().toLowerCase();
    const text = [event, connId, role, ...emitted.map(([type]) => type)].join(' ').toLowerCase();
    return text.includes(wanted);
  }

  #drawAll(): void {
    const fitting = this.#events.filter((event) => this.#fits(event)).toReversed();
    this.#list.replaceChildren(...fitting.map((event) => this.#entry(event)));
  }

  #entry(event: TimelineEvent): HTMLElement {
    const item = element('li', '', isRefusal(event) ? 'refused' : '');
    const body = element('div');
    body.append(element('code', eventName(event.event), 'event'));
    if (event.connId !== '') body.append(` ${event.role} `, element('code', event.connId));
    body.append(` → ${event.actor} `, element('code', event.state));
    for (const [type, connId, code] of event.emitted) {
      const text = [type, connId === event.connId ? '' : connId, code ?? '']
        .filter((part) => part !== '')
        .join(' ');
      body.append(
        element('span', `↳ ${text}`, type.endsWith('.refused') ? 'emitted refused-mark' : 'emitted'),
      );
    }
    item.append(element('time', time(event.atMs)), body);
    return item;
  }
}
