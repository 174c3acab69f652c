/**
 * A server-id in the soak: a daemon that comes back whenever it has lost its connection, and phones that do. Each end of a connection
 * is held against what has been done to it: an end that nothing explains counts as unclean.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Books } from '../load/books.js';
import { CUT, dial } from '../load/connection.js';
import { within } from '../load/within.js';

const NORMAL = 1000;
const GOING_AWAY = 1001;
const RELAY_ENDED_IT = 1011;
const NO_BINARY = 4404;
const CLAIMED = 4409;
const HELLO_BYTES = 510;
const REDIAL_MS = 100;
/** A displaced binary that did not read may still hear a phone that has left: for as long as it is kept. */
const DEPARTED_MS = 60_000;

/** @typedef {import('../load/phone.js').Phone} Phone */
/** @typedef {import('../load/connection.js').Connection} Connection */

/**
 * What the soak knows of the relay as a whole.
 * @typedef {object} Situation
 * @property {boolean} isOver nobody dials any more
 * @property {number} restarts counted when one begins and when it has ended
 * @property {() => boolean} wasLate whether this process has not run for so long that its peers may have been given up
 * @property {() => boolean} wasVeryLate for so long that they may have been cut
 * @property {() => number} pauseMs a random pause before somebody dials again
 */

/** What has been done to a phone's connection. */
export class PhoneFate {
  /** It does not read as it should. */
  isSlow = false;
  /** It sends nothing either. */
  isSilent = false;
  hasSentGarbage = false;
  /** @type {number | undefined} */
  directive;
  /** Its own close frame. @type {number | undefined} */
  ownCode;

  /**
   * @param {Phone} phone
   * @param {number} epoch of the daemon when it dialled
   * @param {number} restarts
   */
  constructor(phone, epoch, restarts) {
    this.phone = phone;
    this.epoch = epoch;
    this.restarts = restarts;
  }
}

export class Daemon {
  books;
  /** @type {Connection | undefined} */
  binary;
  /** A phone has been heard on it: it holds the server-id. */
  isCertain = false;
  /** The binary does not read. */
  isFrozen = false;
  /** A fault is under way that others would disturb. */
  isBusy = false;
  /** The daemon is away, and does not dial. */
  isAway = false;
  /** @type {(PhoneFate | undefined)[]} */
  phones;
  /** Counts when the server-id changed hands, or may have. */
  #epoch = 0;
  /** Connections of binaries that did not read for a while. @type {WeakSet<Connection>} */
  #frozen = new WeakSet();
  /** Phones that have not been heard. @type {Set<PhoneFate>} */
  #unheard = new Set();
  #world;
  #situation;
  /** @type {Promise<void>[]} */
  #tasks = [];

  /**
   * @param {import('../load/books.js').World} world
   * @param {Situation} situation
   * @param {number} index
   * @param {number} phones
   */
  constructor(world, situation, index, phones) {
    this.#world = world;
    this.#situation = situation;
    this.books = new Books(world, index);
    this.phones = Array.from({ length: phones }, () => undefined);
    this.books.onUp = (phone) => {
      if (!this.isCertain && phone.heardBy === this.binary) {
        this.#epoch++;
        this.isCertain = true;
      }
      for (const fate of this.#unheard) {
        if (fate.phone !== phone) continue;
        fate.epoch = this.#epoch;
        this.#unheard.delete(fate);
      }
    };
  }

  /** Begins to dial; `end` says when all is over. */
  start() {
    this.#tasks.push(this.#keepBinary());
    for (const slot of this.phones.keys()) this.#tasks.push(this.#keepPhone(slot));
  }

  /** Resolves when everyone has left, after the situation is over. */
  async end() {
    await Promise.all(this.#tasks);
  }

  /** Whether frames can be sent to it and come back. @param {PhoneFate} fate */
  isUsable({ phone, directive, ownCode, hasSentGarbage, isSilent }) {
    const isLeaving = directive !== undefined || ownCode !== undefined || hasSentGarbage;
    return (
      !isLeaving &&
      !isSilent &&
      !phone.connection.isClosing &&
      phone.heardBy === this.binary &&
      this.isCertain
    );
  }

  /** It does not read from now on. @param {Connection} binary */
  freeze(binary) {
    binary.pause();
    this.isFrozen = true;
    this.#frozen.add(binary);
  }

  /** @param {Connection} binary */
  thaw(binary) {
    binary.resume();
    this.isFrozen = false;
  }

  /** The server-id may belong to this connection from now on. @param {Connection | undefined} binary */
  hand(binary) {
    this.#epoch++;
    this.isCertain = false;
    this.binary = binary;
    if (binary !== undefined) this.books.listenTo(binary);
  }

  /**
   * @param {import('../load/connection.js').Path} path
   * @returns {Promise<Connection | undefined>}
   */
  async dial(path) {
    const { counts, note, target } = this.#world;
    const { restarts } = this.#situation;
    try {
      const connection = await dial(target, path, this.books.name);
      counts.made++;
      return connection;
    } catch (error) {
      // A request that comes late is cut.
      if (this.#hasRestarted(restarts) || this.#situation.wasVeryLate()) return undefined;
      counts.failed++;
      note(`${this.books.name}: ${path}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  /** @param {string} problem */
  unclean(problem) {
    this.#world.counts.unclean++;
    this.#world.note(`${this.books.name}: ${problem}`);
  }

  async #keepBinary() {
    while (!this.#situation.isOver) {
      await wait(this.#situation.pauseMs());
      if (this.isAway || this.isBusy || this.binary?.isClosing === false) continue;
      const { restarts } = this.#situation;
      const binary = await this.dial('/v1/server');
      if (binary === undefined) continue;
      this.hand(binary);
      this.watchBinary(binary, restarts);
    }
    await this.#phonesLeft();
    if (this.binary?.isOpen) await this.binary.close(NORMAL);
  }

  async #phonesLeft() {
    while (this.phones.some((phone) => phone !== undefined)) await wait(REDIAL_MS);
  }

  /**
   * Holds its end against what was done to it.
   * @param {Connection} binary
   * @param {number} restarts when it was dialled
   */
  watchBinary(binary, restarts) {
    void binary.ended.then((code) => {
      const isFrozen = this.#frozen.has(binary);
      const mayBeGivenUp = isFrozen || this.#situation.wasLate();
      const mayBeCut = isFrozen || this.#situation.wasVeryLate();
      const isExplained =
        binary.isLeft ||
        (code === CLAIMED && !this.isCertain) ||
        (code === RELAY_ENDED_IT && mayBeGivenUp) ||
        (code === CUT && mayBeCut) ||
        (code === GOING_AWAY && this.#hasRestarted(restarts));
      if (!isExplained) this.unclean(`the binary was closed with ${code}`);
      if (binary === this.binary) this.hand(undefined);
    });
  }

  /** @param {number} slot */
  async #keepPhone(slot) {
    while (!this.#situation.isOver) {
      const { restarts } = this.#situation;
      const epoch = this.isCertain ? this.#epoch : -1;
      const connection = await this.dial('/v1/client');
      if (connection !== undefined) {
        const phone = this.books.addPhone(connection);
        const fate = new PhoneFate(phone, epoch, restarts);
        this.#unheard.add(fate);
        this.phones[slot] = fate;
        this.books.sendUp(phone, HELLO_BYTES);
        await this.#untilItEnds(fate);
        this.phones[slot] = undefined;
      }
      await wait(this.#situation.pauseMs());
    }
  }

  /** @param {PhoneFate} fate */
  async #untilItEnds(fate) {
    const { connection } = fate.phone;
    for (;;) {
      const code = await within(connection.ended, REDIAL_MS * 5);
      if (code !== undefined) {
        await this.#settle(fate, code);
        return;
      }
      if (this.#situation.isOver && fate.ownCode === undefined && !connection.isClosing) {
        // The last check: all that was sent must still come.
        connection.resume();
        await fate.phone.quiet();
        fate.ownCode = NORMAL;
        void connection.close(NORMAL);
      }
    }
  }

  /**
   * @param {PhoneFate} fate
   * @param {number} code
   */
  async #settle(fate, code) {
    const { phone, directive, ownCode } = fate;
    const { heardBy } = phone;
    if (!this.#isExplained(fate, code)) this.unclean(`phone ${phone.number} was closed with ${code}`);
    const binary = this.binary;
    const mustBeTold = heardBy !== undefined && heardBy === binary && directive === undefined;
    if (mustBeTold && !binary?.isClosing && !binary?.isLeft) {
      const gone = heardBy.ended.then(() => GOING_AWAY);
      const told = await within(Promise.race([phone.notice, gone]), this.#world.patienceMs);
      if (told === undefined && this.binary === heardBy && !heardBy.isLeft && !this.isFrozen) {
        this.#world.counts.untold++;
        this.#world.note(`${this.books.name}: no notice of phone ${phone.number}, closed with ${code}`);
      }
    }
    // Behind its own close frame and in front of its notice, all that it has sent has come.
    phone.up.settle(!(phone.noticed && ownCode !== undefined && code === ownCode));
    // In front of a directive's code, all that was sent to it has come.
    phone.down.settle(!(directive !== undefined && code === directive));
    this.#unheard.delete(fate);
    setTimeout(() => this.books.forget(phone), DEPARTED_MS).unref();
  }

  /**
   * @param {PhoneFate} fate
   * @param {number} code
   */
  #isExplained({ phone, epoch, restarts, isSlow, hasSentGarbage, directive, ownCode }, code) {
    if (phone.connection.isLeft && ownCode === undefined) return true;
    if (code === ownCode || code === directive) return true;
    const hasChangedHands = epoch !== this.#epoch || !this.isCertain;
    const hasRestarted = this.#hasRestarted(restarts);
    const isBinarySlow = phone.heardBy !== undefined && this.#frozen.has(phone.heardBy);
    const mayBeGivenUp = isSlow || isBinarySlow || this.#situation.wasLate();
    return (
      (code === NO_BINARY && (hasChangedHands || this.#situation.wasLate())) ||
      (code === GOING_AWAY && hasRestarted) ||
      (code === RELAY_ENDED_IT && mayBeGivenUp) ||
      (code === NORMAL && hasSentGarbage) ||
      // It is cut if it does not take its close frame.
      (code === CUT && (isSlow || this.#situation.wasVeryLate()))
    );
  }

  /** @param {number} restarts when something began */
  #hasRestarted(restarts) {
    return this.#situation.restarts !== restarts || restarts % 2 === 1;
  }
}
