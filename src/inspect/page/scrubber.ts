/** The slider over the steps of a server-id, and the buttons beside it. */
import { byId } from './dom.ts';

export class Scrubber {
  /** Called with the number of the step that the user wants; it may lie outside of what there is. */
  wanted: (at: number) => void = () => {};
  readonly #range = byId('scrub') as HTMLInputElement; // An <input> in index.html.

  constructor() {
    this.#range.addEventListener('input', () => this.wanted(this.at));
    byId('earlier').addEventListener('click', () => this.wanted(this.at - 1));
    byId('later').addEventListener('click', () => this.wanted(this.at + 1));
    byId('scrubber').addEventListener('submit', (event) => event.preventDefault());
  }

  get at(): number {
    return Number(this.#range.value);
  }

  set(at: number, steps: number): void {
    this.#range.max = String(steps);
    this.#range.value = String(at);
  }
}
