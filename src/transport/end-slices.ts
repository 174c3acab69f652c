/**
 * Tells charts that their sockets have ended, in slices. When a network fails, Node reports all ends at once: ten thousand charts
 * in one turn would stall everybody else for most of a second.
 */
import type { SocketEvent } from '../machines/connection-messages.ts';
import { END_SLICE_MS } from '../protocol/limits.ts';

interface Ended {
  readonly chart: { send(event: SocketEvent): void };
  readonly event: SocketEvent;
}

export class EndSlices {
  readonly #failed: (error: unknown) => void;
  readonly #nowMs: () => number;
  /** The longest waiting first. At most one for each connection. */
  #waiting: Ended[] = [];
  #next = 0;
  #spentMs = 0;
  #isArmed = false;

  /** @param failed called with each exception of a chart; the remaining ones are still told */
  constructor(failed: (error: unknown) => void, nowMs: () => number = () => performance.now()) {
    this.#failed = failed;
    this.#nowMs = nowMs;
  }

  /** Sends at once what this turn has time for, and the rest in the turns that follow, in order. */
  send(chart: Ended['chart'], event: SocketEvent): void {
    this.#arm();
    const ended: Ended = { chart, event };
    if (this.#waiting.length > 0 || this.#spentMs >= END_SLICE_MS) this.#waiting.push(ended);
    else this.#tell(ended);
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(this.#goOn);
  }

  readonly #goOn = (): void => {
    this.#isArmed = false;
    this.#spentMs = 0;
    for (let ended = this.#waiting[this.#next]; ended !== undefined; ended = this.#waiting[this.#next]) {
      if (this.#spentMs >= END_SLICE_MS) {
        this.#arm();
        return;
      }
      this.#next++;
      this.#tell(ended);
    }
    this.#waiting = [];
    this.#next = 0;
    this.#spentMs = 0;
  };

  #tell({ chart, event }: Ended): void {
    const startedMs = this.#nowMs();
    try {
      chart.send(event);
    } catch (error) {
      this.#failed(error);
    }
    this.#spentMs += this.#nowMs() - startedMs;
  }
}
