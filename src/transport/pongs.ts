/**
 * Answers the pings of one peer. Of those read while many pongs wait for the network, only the last is answered
 * (RFC 6455 section 5.5.3), so that a peer that pings without reading queues a bounded number of pongs.
 */
import { MAX_PENDING_PONGS } from '../protocol/limits.ts';
import { ownBytes } from './joined-pieces.ts';

export interface PongPort {
  /** Calls `written` once, when the network has taken the pong or never will. */
  pong(payload: Buffer, written: () => void): void;
}

export class Pongs {
  readonly #port: PongPort;
  #pending = 0;
  #latest: Buffer | undefined;

  constructor(port: PongPort) {
    this.#port = port;
  }

  answer(payload: Buffer): void {
    // What waits for the network must not hold the read of 64 KiB that it came in.
    this.#answer(ownBytes(payload));
  }

  #answer(payload: Buffer): void {
    if (this.#pending >= MAX_PENDING_PONGS) {
      this.#latest = payload;
      return;
    }
    this.#pending++;
    this.#port.pong(payload, this.#written);
  }

  readonly #written = (): void => {
    this.#pending--;
    const latest = this.#latest;
    this.#latest = undefined;
    if (latest !== undefined) this.#answer(latest);
  };
}
