/** Who belongs to the server-id: its binary, the claimants in line, its phones, and those that are leaving. */
import type { ConnectionView, WakeView } from '../updates.ts';
import { countdown } from './countdown.ts';
import { byId, element } from './dom.ts';
import type { Names } from './peer-names.ts';

export interface People {
  readonly binaryId: string | null;
  readonly line: readonly string[];
  readonly phones: readonly string[];
  /** 0 or less means no cap. */
  readonly maxPhones: number;
  /** Whether the binary has left, and may come back. */
  readonly isAway: boolean;
  /** What is known of them now; nothing is known of those in a recording. */
  readonly connections: readonly ConnectionView[];
  /** Null if nothing is known of wakes, as in a recording. */
  readonly wakes: readonly WakeView[] | null;
}

/** As many as fit a screen. A server-id without a cap may have thousands. */
const MOST_SHOWN = 100;

/** The current state without the chart's name: "open.fresh". */
const stateName = (states: readonly string[]): string =>
  (states.toSorted((a, b) => b.length - a.length)[0] ?? '').split('.').slice(1).join('.');

/** "wake 7": no conn id has a space. */
export const wakeName = ({ id }: WakeView): string => `wake ${id}`;

interface Choice {
  readonly name: string;
  readonly isChosen: boolean;
  readonly what: 'connection' | 'wake';
}

export class PeopleView {
  /** Called with the conn id, or the name of the wake, that the user chooses. */
  chosen: (connId: string) => void = () => {};
  readonly #box = byId('connections');

  show(
    { binaryId, line, phones, maxPhones, isAway, connections, wakes }: People,
    names: Names,
    chosen = '',
  ): void {
    const focused = document.activeElement?.getAttribute('data-chosen') ?? undefined;
    const views = new Map(connections.map((view) => [view.connId, view]));
    const members = new Set([binaryId ?? '', ...line, ...phones]);
    const leaving = connections.filter(({ connId }) => !members.has(connId));
    const group = (title: string, entries: readonly HTMLElement[]): HTMLElement => {
      const box = element('div', '', 'people');
      box.append(element('h4', title));
      box.append(...(entries.length === 0 ? [element('p', 'none', 'none')] : entries.slice(0, MOST_SHOWN)));
      if (entries.length > MOST_SHOWN)
        box.append(element('p', `and ${entries.length - MOST_SHOWN} more`, 'none'));
      return box;
    };
    const entry =
      (role: 'binary' | 'phone') =>
      (connId: string): HTMLElement =>
        this.#entry(connId, names.party(connId, role), views.get(connId), connId === chosen);
    const cap = maxPhones > 0 ? ` of ${maxPhones}` : '';
    this.#box.replaceChildren(
      group(
        isAway ? 'binary (has left)' : 'binary',
        binaryId === null ? [] : [binaryId].map(entry('binary')),
      ),
      group(`in line (${line.length})`, line.map(entry('binary'))),
      group(`phones (${phones.length}${cap})`, phones.map(entry('phone'))),
      ...(leaving.length === 0
        ? []
        : [
            group(
              `closing (${leaving.length})`,
              leaving.map(({ connId, role }) => entry(role)(connId)),
            ),
          ]),
      ...(wakes === null
        ? []
        : [
            group(
              `wakes (${wakes.length})`,
              wakes.map((wake) => this.#wakeEntry(wake, chosen)),
            ),
          ]),
    );
    if (focused !== undefined) {
      const again = [...this.#box.querySelectorAll('button')].find(
        (button) => button.dataset['chosen'] === focused,
      );
      // Who has scrolled on to the chart of it stays there.
      again?.focus({ preventScroll: true });
    }
  }

  #entry(connId: string, name: string, view: ConnectionView | undefined, isChosen: boolean): HTMLElement {
    const entry = element(view === undefined ? 'div' : 'button', '', 'person');
    const head = element('span', '', 'who');
    head.append(element('b', name), ' ', element('small', connId));
    entry.append(head);
    if (view === undefined) return entry;
    return this.#button(entry, view, { name: connId, isChosen, what: 'connection' });
  }

  #wakeEntry(wake: WakeView, chosen: string): HTMLElement {
    const entry = element('button', '', 'person');
    const name = wakeName(wake);
    entry.append(element('b', name));
    return this.#button(entry, wake, { name, isChosen: name === chosen, what: 'wake' });
  }

  /** Makes an entry one that shows a chart. */
  #button(
    entry: HTMLElement,
    { states, timers }: Pick<WakeView, 'states' | 'timers'>,
    of: Choice,
  ): HTMLElement {
    entry.setAttribute('type', 'button');
    entry.dataset['chosen'] = of.name;
    entry.setAttribute('aria-pressed', String(of.isChosen));
    entry.title = `Show the chart of this ${of.what}`;
    entry.append(element('code', stateName(states)), ...timers.map(countdown));
    entry.addEventListener('click', () => this.chosen(of.name));
    return entry;
  }
}
