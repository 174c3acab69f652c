/** The program under test: the same door without XState, as a microcontroller might do it. */
import { BLOCKED_MS, CODE, OPEN_MS } from './door-machine.mjs';

export class Door {
  isOpen = false;
  isBlocked = false;
  #tries = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {string} code */
  enter(code) {
    if (this.isOpen || this.isBlocked) return;
    if (code === CODE) {
      this.#tries = 0;
      this.isOpen = true;
      this.#lockAfter(OPEN_MS);
    } else if (++this.#tries === 3) {
      this.#tries = 0;
      this.isBlocked = true;
      this.#lockAfter(BLOCKED_MS);
    }
  }

  /** Somebody stands in it: it stays open for the whole time again. */
  hold() {
    if (this.isOpen) this.#lockAfter(OPEN_MS);
  }

  close() {
    if (!this.isOpen) return;
    clearTimeout(this.#timer);
    this.isOpen = false;
  }

  /** @param {number} ms */
  #lockAfter(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.isOpen = false;
      this.isBlocked = false;
    }, ms);
  }
}
