/**
 * Goes back in the past of a server-id of a running relay: stops at now, steps through what the relay has recorded, and
 * returns. The relay goes on meanwhile.
 */
import type { ReplayPageServer } from '../replay-page-data.ts';
import { byId, setText } from './dom.ts';
import { Scrubber } from './scrubber.ts';

export interface Traveller {
  readonly stop: (past: ReplayPageServer, choose: (at: number) => void) => void;
  readonly goTo: (past: ReplayPageServer, at: number) => void;
  readonly resume: () => void;
}

const clamp = (at: number, most: number): number => Math.max(0, Math.min(most, at));

/** Where the arrow keys have another meaning. */
const OWN_KEYS = 'input, select, .chart-frame, #sequence, #timeline';

export class Travel {
  readonly #scrubber = new Scrubber();
  readonly #button = byId('pause');
  readonly #traveller: Traveller;
  #serverId = '';
  /** Undefined while the page follows the relay. */
  #past: ReplayPageServer | undefined;
  #recorded = 0;

  constructor(traveller: Traveller) {
    this.#traveller = traveller;
    this.#scrubber.wanted = (at) => void this.#want(at);
    this.#button.addEventListener('click', () => {
      if (this.#past === undefined) void this.#want(Infinity);
      else this.resume();
    });
    document.addEventListener('keydown', (event) => {
      const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
      const isElsewhere = event.target instanceof Element && event.target.closest(OWN_KEYS) !== null;
      if (step === 0 || isElsewhere || byId('detail').hidden || event.altKey || event.ctrlKey) return;
      event.preventDefault();
      void this.#want(this.#scrubber.at + step);
    });
  }

  get isAway(): boolean {
    return this.#past !== undefined;
  }

  open(serverId: string): void {
    this.#serverId = serverId;
    this.#past = undefined;
    this.expect(0);
    this.#show();
  }

  /** The relay has recorded so many steps, as far as the page has seen. */
  expect(recorded: number): void {
    this.#recorded = recorded;
    if (this.#past === undefined) this.#scrubber.set(recorded, recorded);
  }

  resume(): void {
    if (this.#past === undefined) return;
    this.#past = undefined;
    this.expect(this.#recorded);
    this.#show();
    this.#traveller.resume();
  }

  async #want(at: number): Promise<void> {
    if (this.#past === undefined) {
      const wasLast = this.#recorded;
      const asked = this.#serverId;
      const response = await fetch(`/past?server=${encodeURIComponent(asked)}`);
      // Built together with the page.
      const past = (await response.json()) as ReplayPageServer | null;
      if (past === null || this.#serverId !== asked || this.#past !== undefined) return;
      this.#past = past;
      this.#show();
      this.#traveller.stop(past, (chosen) => void this.#want(chosen));
      // Counted from now: the relay may have dropped the oldest steps that the page has seen.
      this.#goTo(at === Infinity ? past.steps.length : past.steps.length - (wasLast - at));
      return;
    }
    this.#goTo(at);
  }

  #goTo(at: number): void {
    const past = this.#past;
    if (past === undefined) return;
    const bounded = clamp(at, past.steps.length);
    this.#scrubber.set(bounded, past.steps.length);
    this.#traveller.goTo(past, bounded);
  }

  #show(): void {
    setText(this.#button, this.isAway ? 'Return to now' : 'Pause');
    this.#button.setAttribute('aria-pressed', String(this.isAway));
    byId('detail').classList.toggle('away', this.isAway);
    if (!this.isAway) setText(byId('step'), 'now, as it happens; ◀ goes back');
  }
}
