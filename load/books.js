/** What the phones and binaries of one server-id send to each other, and whether it arrives where it should. */
import { Phone } from './phone.js';
import { encodeEnvelope, encodeFrame, readEnvelope, readFrame } from './tagged-frames.js';

/**
 * @typedef {object} World
 * @property {import('./connection.js').Target} target
 * @property {string} run names this run in server-ids and frames
 * @property {import('./stream.js').Counts} counts
 * @property {import('./histogram.js').Histogram} latency
 * @property {number} patienceMs how long to wait for what must come
 * @property {(problem: string) => void} note says what was counted against the relay
 */

export class Books {
  name;
  /** @type {(phone: Phone, bytes: number) => void} */
  onUp = () => {};
  /** @type {(phone: Phone, bytes: number) => void} */
  onDown = () => {};
  #world;
  #index;
  /** @type {Map<number, Phone>} */
  #byNumber = new Map();
  /** @type {Map<string, Phone>} */
  #byConnId = new Map();
  #nextNumber = 0;

  /**
   * @param {World} world
   * @param {number} index of the server-id
   */
  constructor(world, index) {
    this.#world = world;
    this.#index = index;
    this.name = `load-${world.run}-${index}`;
  }

  /** Reads what comes for a phone from now on. @param {import('./connection.js').Connection} connection */
  addPhone(connection) {
    const phone = new Phone(this.#world, this.#nextNumber++, connection);
    this.#byNumber.set(phone.number, phone);
    connection.onMessage = (frame) => this.#hearAtPhone(phone, frame);
    return phone;
  }

  /** @param {import('./connection.js').Connection} binary */
  listenTo(binary) {
    binary.onMessage = (message) => this.#hearAtBinary(binary, message);
  }

  /** @param {Phone} phone */
  forget(phone) {
    this.#byNumber.delete(phone.number);
    this.#byConnId.delete(phone.connId);
  }

  /**
   * @param {Phone} phone
   * @param {number} bytes
   */
  sendUp(phone, bytes) {
    return phone.connection.send(this.#encode(phone, 'u', phone.up.send(), bytes));
  }

  /**
   * @param {import('./connection.js').Connection} binary which has heard the phone
   * @param {Phone} phone
   * @param {number} bytes
   */
  sendDown(binary, phone, bytes) {
    return binary.send(encodeEnvelope(phone.connId, this.encodeDown(phone, bytes)));
  }

  /**
   * A frame that is counted as sent.
   * @param {Phone} phone
   * @param {number} bytes
   */
  encodeDown(phone, bytes) {
    return this.#encode(phone, 'd', phone.down.send(), bytes);
  }

  /**
   * @param {Phone} phone
   * @param {'u' | 'd'} direction
   * @param {number} sequence
   * @param {number} bytes
   */
  #encode(phone, direction, sequence, bytes) {
    const tag = { run: this.#world.run, server: this.#index, phone: phone.number, direction, sequence };
    return encodeFrame({ ...tag, sentMs: performance.now() }, bytes);
  }

  /**
   * @param {Phone} phone
   * @param {Buffer} frame
   */
  #hearAtPhone(phone, frame) {
    const tag = this.#ownTag(frame, 'd');
    if (tag?.phone !== phone.number) {
      this.#foreign(`phone ${phone.number}`, frame);
      return;
    }
    phone.down.arrive(tag.sequence);
    this.#world.latency.record(performance.now() - tag.sentMs);
    this.onDown(phone, frame.length);
    phone.changed();
  }

  /**
   * @param {import('./connection.js').Connection} binary
   * @param {Buffer} message
   */
  #hearAtBinary(binary, message) {
    const envelope = readEnvelope(message);
    if (envelope?.closeCode !== undefined) {
      const phone = this.#byConnId.get(envelope.connId);
      if (phone?.noticed) this.#foreign('the binary, for a phone that it was told of,', message);
      phone?.tell(envelope.closeCode);
      return;
    }
    const tag = envelope?.frame && this.#ownTag(envelope.frame, 'u');
    const phone = tag && this.#byNumber.get(tag.phone);
    if (envelope?.frame === undefined || tag === undefined || phone === undefined) {
      this.#foreign('the binary', message);
      return;
    }
    if (phone.connId === '' && !this.#byConnId.has(envelope.connId)) {
      phone.connId = envelope.connId;
      phone.heardBy = binary;
      this.#byConnId.set(envelope.connId, phone);
    }
    if (phone.connId !== envelope.connId || phone.heardBy !== binary || phone.noticed) {
      const why = phone.noticed ? 'behind the notice of its end' : 'under another conn id or connection';
      this.#foreign(`the binary, ${why},`, message);
      return;
    }
    phone.up.arrive(tag.sequence);
    this.#world.latency.record(performance.now() - tag.sentMs);
    this.onUp(phone, envelope.frame.length);
    phone.changed();
  }

  /**
   * @param {Buffer} frame
   * @param {'u' | 'd'} direction
   */
  #ownTag(frame, direction) {
    const tag = readFrame(frame);
    const isOwn = tag?.run === this.#world.run && tag.server === this.#index && tag.direction === direction;
    return isOwn ? tag : undefined;
  }

  /**
   * @param {string} receiver
   * @param {Buffer} message
   */
  #foreign(receiver, message) {
    this.#world.counts.foreign++;
    this.#world.note(`${this.name}: ${receiver} got ${message.toString('latin1', 0, 120)}`);
  }
}
