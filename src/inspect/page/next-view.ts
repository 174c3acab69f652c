/** What can happen next in the current state, what causes it, and where it leads. */
import type { TimerView } from '../updates.ts';
import { causeOf } from './causes.ts';
import type { ChartData, ChartTransition } from './chart-data.ts';
import { countdown } from './countdown.ts';
import { byId, element } from './dom.ts';
import { eventName } from './words.ts';

const lastName = (id: string): string => id.slice(id.lastIndexOf('.') + 1);

export class NextView {
  /** Called with the hooks of the transitions that the user points at; with none when that ends. */
  pointed: (hooks: readonly string[]) => void = () => {};
  readonly #list = byId('next');
  #shown = '';

  /** @param states ids of the active states */
  show(data: ChartData, states: readonly string[], timers: readonly TimerView[]): void {
    const shown = JSON.stringify([states, timers, data.ids.length]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const byEvent = new Map<string, ChartTransition[]>();
    for (const { transitions } of data.active(states)) {
      for (const transition of transitions) {
        byEvent.set(transition.event, [...(byEvent.get(transition.event) ?? []), transition]);
      }
    }
    const isTimer = (event: string): number => Number(event.startsWith('xstate.after.'));
    const events = [...byEvent].toSorted(([a], [b]) => isTimer(b) - isTimer(a));
    if (events.length === 0) {
      this.#list.replaceChildren(element('li', 'none', 'none'));
      return;
    }
    this.#list.replaceChildren(
      ...events.map(([event, transitions]) =>
        this.#item(
          event,
          transitions,
          timers.find((timer) => timer.event === event),
        ),
      ),
    );
  }

  #item(event: string, transitions: readonly ChartTransition[], timer: TimerView | undefined): HTMLElement {
    const item = element('li');
    const cause = element('div', '', 'cause');
    cause.append(element('span', causeOf(event)), ' ', element('code', eventName(event)));
    if (timer !== undefined) cause.append(countdown(timer));
    item.append(cause, ...transitions.map((transition) => this.#outcome(transition)));
    const hooks = transitions.map(({ hook }) => hook);
    item.addEventListener('pointerenter', () => this.pointed(hooks));
    item.addEventListener('pointerleave', () => this.pointed([]));
    return item;
  }

  /** "[isHolder] → grace / announceGrace" */
  #outcome({ trigger, target, actions }: ChartTransition): HTMLElement {
    const line = element('div', '', 'outcome');
    const [guard = ''] = /\[\w+\]/.exec(trigger) ?? [];
    if (guard !== '') line.append(element('span', guard, 'guard'), ' ');
    line.append(element('span', target === null ? 'stays' : `→ ${lastName(target)}`, 'goal'));
    if (actions !== '') line.append(' ', element('span', `/ ${actions}`, 'action'));
    return line;
  }
}
