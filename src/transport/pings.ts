/**
 * Numbers the pings of one connection: heartbeats, probes and marks share one counter. A mark is a ping between two chunks
 * of the backlog. Its pong shows that the peer has read what was written before it, which neither the kernel's buffers nor
 * those of a proxy can show (docs/adr/0011).
 */

/** Longest decimal counter accepted from a pong. */
const MAX_DIGITS = 15;

export class Pings {
  #sent = 0;
  #answered = 0;

  /** Number of the latest ping that has been answered; 0 for none. Grows when the peer has read more. */
  get answered(): number {
    return this.#answered;
  }

  /** @returns the payload of the next ping: a counter, so a pong shows which ping it answers */
  next(): string {
    return String(++this.#sent);
  }

  /**
   * A pong answers its ping and all earlier ones (RFC 6455 section 5.5.3). An unsolicited pong answers none.
   * @returns true if it answers a ping that no earlier pong has answered
   */
  readPong(payload: Buffer): boolean {
    const text = payload.length <= MAX_DIGITS ? payload.toString('latin1') : '';
    const ping = /^\d+$/.test(text) ? Number(text) : 0;
    if (ping <= this.#answered || ping > this.#sent) return false;
    this.#answered = ping;
    return true;
  }
}
