/** A server-id of the load client: its binary and its phones, which the relay may never end by itself. */
import { Books } from './books.js';
import { dial } from './connection.js';
import { within } from './within.js';

const NORMAL = 1000;
const GOING_AWAY = 1001;
const HELLO_BYTES = 510;

/** @typedef {import('./phone.js').Phone} Phone */
/** @typedef {import('./connection.js').Connection} Connection */

export class ServerId {
  books;
  /** @type {Connection | undefined} */
  binary;
  /** Those that are connected. @type {Set<Phone>} */
  phones = new Set();
  #world;

  /**
   * @param {import('./books.js').World} world
   * @param {number} index
   */
  constructor(world, index) {
    this.#world = world;
    this.books = new Books(world, index);
  }

  /** Each frame of a phone is answered with one of its length. */
  answer() {
    this.books.onUp = (phone, heard) => void this.sendDown(phone, heard);
  }

  /**
   * @param {Phone} phone
   * @param {number} bytes
   */
  sendUp(phone, bytes) {
    return this.books.sendUp(phone, bytes);
  }

  /**
   * @param {Phone} phone that has been heard
   * @param {number} bytes
   */
  sendDown(phone, bytes) {
    return this.binary !== undefined && this.books.sendDown(this.binary, phone, bytes);
  }

  /**
   * Counts the dial.
   * @param {import('./connection.js').Path} path
   */
  async dial(path) {
    const { target, counts, note } = this.#world;
    try {
      const connection = await dial(target, path, this.books.name);
      counts.made++;
      return connection;
    } catch (error) {
      counts.failed++;
      note(`${path}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  async claim() {
    const binary = await this.dial('/v1/server');
    if (binary === undefined) return;
    this.books.listenTo(binary);
    this.binary = binary;
    this.#watch(binary, 'the binary');
  }

  /** Dials a phone, and makes it known to the binary. @returns undefined if that failed, which is counted */
  async join() {
    const connection = await this.dial('/v1/client');
    if (connection === undefined) return undefined;
    const phone = this.books.addPhone(connection);
    this.sendUp(phone, HELLO_BYTES);
    await phone.quiet();
    if (connection.isClosing || phone.connId === '') {
      this.#world.counts.failed++;
      const why = connection.isClosing ? 'it was closed' : 'its hello has not come';
      this.#world.note(`${this.books.name}: phone ${phone.number} was not paired: ${why}`);
      this.#settle(phone);
      connection.reset();
      return undefined;
    }
    this.phones.add(phone);
    this.#watch(connection, `phone ${phone.number}`);
    return phone;
  }

  /**
   * The phone goes, as a client that has all it wants, or with a reset. Its binary must be told.
   * @param {Phone} phone
   * @param {number | 'reset'} how the code of its close frame
   */
  async leave(phone, how) {
    const { counts, patienceMs, note } = this.#world;
    await phone.quiet();
    this.phones.delete(phone);
    if (phone.connection.isClosing) {
      // Counted as unclean.
      this.#settle(phone);
      return;
    }
    if (how === 'reset') phone.connection.reset();
    else await this.#close(phone.connection, how);
    const told = await within(phone.notice, patienceMs);
    if (told !== (how === 'reset' ? GOING_AWAY : how)) {
      counts.untold++;
      note(`${this.books.name}: the notice of a phone that left (${how}) said ${told ?? 'nothing'}`);
    }
    this.#settle(phone);
  }

  /** The binary closes, and its phones stay. */
  async release() {
    const { binary } = this;
    this.binary = undefined;
    if (binary?.isOpen) await this.#close(binary, NORMAL);
  }

  /**
   * Waits for the relay to close a connection with this code.
   * @param {Connection} connection
   * @param {number} code
   */
  async closed(connection, code) {
    connection.isLeft = true;
    const ended = await within(connection.ended, this.#world.patienceMs);
    if (ended === code) return;
    this.#world.counts.unclean++;
    this.#world.note(`${this.books.name}: ${ended ?? 'no close'} instead of ${code}`);
    connection.reset();
  }

  /**
   * @param {Phone} phone that the relay closes
   * @param {number} code with this
   */
  async evicted(phone, code) {
    this.phones.delete(phone);
    await this.closed(phone.connection, code);
    this.#settle(phone);
  }

  /** Everyone leaves: each phone when nothing is on its way to or from it. */
  async end() {
    for (const phone of this.phones) await phone.quiet();
    for (const phone of [...this.phones]) {
      this.phones.delete(phone);
      if (phone.connection.isOpen) await this.#close(phone.connection, NORMAL);
      this.#settle(phone);
    }
    await this.release();
  }

  /**
   * @param {Connection} connection
   * @param {number} code
   */
  async #close(connection, code) {
    const ended = await connection.close(code);
    if (ended === code) return;
    this.#world.counts.unclean++;
    this.#world.note(`${this.books.name}: closed with ${code}, and answered with ${ended}`);
  }

  /**
   * Counts the end of a connection that nobody has asked for.
   * @param {Connection} connection
   * @param {string} whose
   */
  #watch(connection, whose) {
    void connection.ended.then((code) => {
      if (connection.isLeft) return;
      this.#world.counts.unclean++;
      this.#world.note(`${this.books.name}: ${whose} was closed with ${code}`);
    });
  }

  /** @param {Phone} phone */
  #settle(phone) {
    const isTold = phone.connection.isClosing && !phone.connection.isLeft;
    phone.up.settle(isTold);
    phone.down.settle(isTold);
    this.books.forget(phone);
  }
}
