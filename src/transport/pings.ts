/** Numbers the pings of one connection and matches pongs to them. Heartbeats and probes share one counter. */

/** Longest decimal counter accepted from a pong. */
const MAX_DIGITS = 15;

export interface PongReading {
  readonly answersHeartbeat: boolean;
  readonly answersProbe: boolean;
}

export class Pings {
  #sent = 0;
  #heartbeat = 0;
  #probe = 0;

  /** @returns the payload of the next heartbeat ping: a counter, so a pong shows which pings it answers */
  nextHeartbeat(): string {
    this.#heartbeat = ++this.#sent;
    return String(this.#heartbeat);
  }

  /** @returns the payload of the next probe ping */
  nextProbe(): string {
    this.#probe = ++this.#sent;
    return String(this.#probe);
  }

  /** A pong answers its ping and all earlier ones (RFC 6455 section 5.5.3). An unsolicited pong answers none. */
  readPong(payload: Buffer): PongReading {
    const text = payload.length <= MAX_DIGITS ? payload.toString('latin1') : '';
    const ping = /^\d+$/.test(text) ? Number(text) : 0;
    const isOurs = ping >= 1 && ping <= this.#sent;
    const answersProbe = isOurs && this.#probe > 0 && ping >= this.#probe;
    if (answersProbe) this.#probe = 0;
    return { answersHeartbeat: isOurs && ping >= this.#heartbeat, answersProbe };
  }
}
