/** Decides when a socket is read: not while back-pressure pauses it, and at most its share per turn. */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import {
  MIN_WAITING_BYTES,
  MIN_WAITING_FRAMES,
  READ_SHARE_BYTES,
  READ_SHARE_FRAMES,
} from '../protocol/limits.ts';
import { startReading, stopReading } from './socket-handle.ts';
import type { Turn } from './turn.ts';
import type { Lane, Reader } from './waiting-readers.ts';
import { type FrameRule, FrameStop } from './ws-frame-stop.ts';

/** One address and one lane for all closing connections: a refused peer that keeps flooding must not delay the others. */
const LEAVING_ADDRESS: Lane = {};
const LEAVING_LANE: Lane = {};

export interface ReaderOptions {
  readonly ws: WebSocket;
  /** Under `ws`. */
  readonly socket: Socket;
  readonly turn: Turn;
  readonly address: Lane;
  /** Phones use their server-id, binaries the socket alone. */
  readonly lane: Lane;
}

export interface ReaderOwner {
  /** A share of what was left has been parsed. */
  noteParsed(): void;
}

export class SocketReader implements Reader, FrameRule {
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #turn: Turn;
  readonly #owner: ReaderOwner;
  #address: Lane;
  #lane: Lane;
  #frames: FrameStop | undefined;
  #isPaused = false;
  #isThrottled = false;
  #throttledAtMs = 0;
  #throttledMs = 0;
  #isQueued = false;
  #hasEnded = false;
  #queuedAtMs = 0;
  #waitedMs = 0;
  /** The turn in which `#readBytes` and `#readFrames` were read. */
  #countedTurn = 0;
  #readBytes = 0;
  #readFrames = 0;

  constructor({ ws, socket, turn, address, lane }: ReaderOptions, owner: ReaderOwner) {
    this.#ws = ws;
    this.#socket = socket;
    this.#turn = turn;
    this.#owner = owner;
    this.#address = address;
    this.#lane = lane;
  }

  get address(): Lane {
    return this.#address;
  }

  get lane(): Lane {
    return this.#lane;
  }

  /**
   * Counts frames from now on, and leaves those unparsed that are more than a share or follow a pause.
   * @throws TypeError if this version of ws parses in another way
   */
  countFrames(): void {
    this.#frames = new FrameStop(this.#ws, this);
  }

  /** True while frames that were read wait to be parsed. */
  get isHolding(): boolean {
    return this.#frames?.isHolding === true;
  }

  /** True while back-pressure or a byte rate pauses it. Waiting for a turn does not count. */
  get isPaused(): boolean {
    return this.#isPaused || this.#isThrottled;
  }

  /** True once it has moved to the group of closing connections. */
  get isLeaving(): boolean {
    return this.#lane === LEAVING_LANE;
  }

  /** Total time that a byte rate has paused it. Deadlines exclude it too. */
  throttledMs(nowMs: number): number {
    return this.#throttledMs + (this.#isThrottled ? nowMs - this.#throttledAtMs : 0);
  }

  /** Total time spent waiting for turns. Deadlines exclude it, because it is not the peer's fault. */
  waitedMs(nowMs: number): number {
    return this.#waitedMs + (this.#isQueued ? nowMs - this.#queuedAtMs : 0);
  }

  /** Moves to the group of closing connections. */
  leave(): void {
    this.#address = LEAVING_ADDRESS;
    this.#lane = LEAVING_LANE;
  }

  /** TCP has ended. What is left is parsed in spite of any pause: only then does ws report the end. */
  finish(): void {
    this.#hasEnded = true;
    if (this.isHolding) this.#awaitTurn();
  }

  /** Drops what was read and waits to be parsed. @returns false if nothing waits */
  discard(): boolean {
    return this.#frames?.discard() === true;
  }

  /** For back-pressure. @returns true if it was not paused before */
  pause(): boolean {
    if (this.#isPaused) return false;
    const wasPaused = this.isPaused;
    this.#isPaused = true;
    this.#apply();
    return !wasPaused;
  }

  /** For a byte rate. @returns true if it was not throttled before */
  throttle(): boolean {
    if (this.#isThrottled) return false;
    this.#isThrottled = true;
    this.#throttledAtMs = performance.now();
    this.#apply();
    return true;
  }

  /** @returns true if it was throttled and is not paused now */
  release(): boolean {
    if (!this.#isThrottled) return false;
    this.#throttledMs = this.throttledMs(performance.now());
    this.#isThrottled = false;
    this.#awaitTurn();
    return !this.isPaused;
  }

  /**
   * Waits for a turn first: a binary resumes all its phones at once, and they must be read one at a time.
   * @returns true if it was paused before and is not now
   */
  resume(): boolean {
    if (!this.#isPaused) return false;
    this.#isPaused = false;
    this.#awaitTurn();
    return !this.isPaused;
  }

  /**
   * Counts bytes that were read. A socket that has read its share waits for its lane's next turn: otherwise Node would read
   * up to 2 MiB of it while all others wait.
   */
  count(bytes: number): void {
    this.#startShare();
    this.#readBytes += bytes;
    if (this.#readBytes >= READ_SHARE_BYTES) this.#awaitTurn();
  }

  takeTurn(): boolean {
    this.#waitedMs = this.waitedMs(performance.now());
    this.#isQueued = false;
    // If it is paused meanwhile too: a peer that resets its connection is noticed.
    startReading(this.#socket);
    if (this.#mustPause) return false;
    const hasParsed = this.#goOn();
    this.#apply();
    return hasParsed || this.#ws.readyState !== WebSocket.CLOSED;
  }

  /** @returns false if nothing was left to parse */
  #goOn(): boolean {
    const frames = this.#frames;
    if (!frames?.isHolding) return false;
    frames.goOn();
    this.#owner.noteParsed();
    return true;
  }

  get #mustPause(): boolean {
    return this.isPaused && !this.#hasEnded;
  }

  #startShare(): void {
    if (this.#turn.count === this.#countedTurn) return;
    this.#countedTurn = this.#turn.count;
    this.#readBytes = 0;
    this.#readFrames = 0;
  }

  /**
   * A long read waits for a turn if this one has brought enough: when hundreds of binaries begin to flood at once, 64 KiB of each
   * are read before any of them waits, and parsing all of it took 180 ms.
   */
  mayStart(readBytes: number): boolean {
    if (readBytes < MIN_WAITING_BYTES || this.#hasEnded) return true;
    if (this.#turn.isOver) {
      this.#awaitTurn();
      return false;
    }
    this.#turn.writeShort();
    return true;
  }

  /** Counts a frame. @returns whether the next one may be parsed in this turn */
  mayGoOn(): boolean {
    this.#startShare();
    this.#readFrames++;
    const share = this.#turn.addFrame() ? MIN_WAITING_FRAMES : READ_SHARE_FRAMES;
    if (this.#readFrames >= share) this.#awaitTurn();
    return !this.#isQueued && !this.#mustPause;
  }

  #awaitTurn(): void {
    const isQueuedAlready = this.#isQueued;
    if (!isQueuedAlready) this.#queuedAtMs = performance.now();
    this.#isQueued = true;
    this.#apply();
    if (isQueuedAlready) return;
    stopReading(this.#socket);
    this.#turn.queue(this);
  }

  #apply(): void {
    // Pauses again each time, because ws resumes the socket by itself after a protocol error.
    if (this.#mustPause || this.#isQueued) this.#ws.pause();
    else if (this.#ws.isPaused) this.#ws.resume();
  }
}
