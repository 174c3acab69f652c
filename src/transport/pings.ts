/**
 * The pings of one connection and the pongs that answer them. Payloads cannot be guessed: an answered ping shows that the
 * peer has read what was written before it (docs/adr/0011), at that time or earlier: it can keep `MAX_OUTSTANDING_PINGS` pongs
 * for later.
 */
import { randomFillSync } from 'node:crypto';
import { MAX_OUTSTANDING_PINGS } from '../protocol/limits.ts';

/** 2^48 tags: a guess succeeds once in 10^11 times, if 2,000 are allowed. */
const TAG_BYTES = 6;
/** Asking the system for each tag by itself would cost more than the ping. */
const pool = Buffer.alloc(1_024 * TAG_BYTES);
let nextTag = pool.length;

const randomTag = (): string => {
  if (nextTag === pool.length) {
    randomFillSync(pool);
    nextTag = 0;
  }
  nextTag += TAG_BYTES;
  return pool.toString('base64url', nextTag - TAG_BYTES, nextTag);
};

export class Pings {
  #sent = 0;
  #answered = 0;
  /** Payloads that no pong has answered, oldest first. */
  #outstanding: string[] = [];

  /** Grows with every pong that answers a ping. */
  get answered(): number {
    return this.#answered;
  }

  /** @returns the payload of the next ping: its number, for people who watch the wire, and a random tag */
  next(): string {
    const payload = `${++this.#sent}.${randomTag()}`;
    this.#outstanding.push(payload);
    if (this.#outstanding.length > MAX_OUTSTANDING_PINGS) this.#outstanding.shift();
    return payload;
  }

  /**
   * A pong answers its ping and all earlier ones (RFC 6455 section 5.5.3). An unsolicited pong answers none.
   * @returns true if it answers a ping that no earlier pong has answered
   */
  readPong(payload: Buffer): boolean {
    const at = this.#outstanding.indexOf(payload.toString('latin1'));
    if (at === -1) return false;
    this.#outstanding.splice(0, at + 1);
    this.#answered++;
    return true;
  }
}
