/** A phone's connection under load, with the books of what is sent to it and from it. */
import { Stream } from './stream.js';
import { within } from './within.js';

export class Phone {
  /** Empty until its binary has heard it. */
  connId = '';
  /** The binary's connection that has heard it. @type {import('./connection.js').Connection | undefined} */
  heardBy;
  up;
  down;
  number;
  connection;
  /** The code of its close notice. @type {Promise<number>} */
  notice;
  noticed = false;
  #patienceMs;
  /** @type {(code: number) => void} */
  #tellNotice = () => {};
  /** @type {(() => void) | undefined} */
  #onChange;

  /**
   * @param {import('./books.js').World} world
   * @param {number} number
   * @param {import('./connection.js').Connection} connection
   */
  constructor({ counts, patienceMs }, number, connection) {
    this.number = number;
    this.connection = connection;
    this.#patienceMs = patienceMs;
    this.up = new Stream(counts);
    this.down = new Stream(counts);
    this.notice = new Promise((resolve) => {
      this.#tellNotice = resolve;
    });
  }

  get isQuiet() {
    return this.up.outstanding === 0 && this.down.outstanding === 0;
  }

  changed() {
    this.#onChange?.();
  }

  /** @param {number} code */
  tell(code) {
    this.noticed = true;
    this.#tellNotice(code);
  }

  /** Waits until all that was sent to and from it has come, it has ended, or the patience is over. */
  async quiet() {
    if (this.isQuiet || this.connection.isClosing) return;
    const settled = new Promise((resolve) => {
      this.#onChange = () => {
        if (this.isQuiet) resolve(undefined);
      };
      void this.connection.ended.then(resolve);
    });
    await within(settled, this.#patienceMs);
    this.#onChange = undefined;
  }
}
