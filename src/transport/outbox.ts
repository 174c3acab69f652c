/**
 * The backlog of one socket. At most one chunk (64 KiB) is in the socket at a time; the rest waits here, where it can be
 * counted, dropped, or overtaken by a ping or a close frame (architecture.md section 5).
 */
import { SHORT_BACKLOG_BYTES } from '../protocol/limits.ts';
import { queuedBlocks } from './block-pool.ts';
import { forgetEntries } from './dropped-list.ts';
import { SampledFrames } from './sampled-frames.ts';
import type { Flushable, Turn } from './turn.ts';
import { WaitingChunks } from './waiting-chunks.ts';
import { chargeOf, layOut, type OutboundMessage, type WriteChunk } from './write-chunks.ts';

export interface OutboxSink {
  /** Called for each change of `chargedBytes`. */
  charged(bytes: number): void;
  /** A message could not be sent through a fault of ours; the backlog has been dropped. */
  failed(): void;
  /** False if nothing more may be sent: a close frame was sent, or TCP has ended. */
  canWrite(): boolean;
  /**
   * Writes the parts in order.
   * @param done called once; with false if the network has not taken everything
   */
  write(parts: readonly Uint8Array[], done: (isTaken: boolean) => void): void;
}

/** What is told of the frames of all outboxes that send in one direction. */
export interface Forwarding {
  /** Counts a frame that is queued. Whether it is to be measured. */
  isSampled(): boolean;
  /** The network has taken `bytes` more, in which `frames` forwarded messages end. */
  written(frames: number, bytes: number): void;
  /** The network has taken a measured frame of `bytes`, `ms` after it was queued. */
  readonly sampled: (bytes: number, ms: number) => void;
}

export class Outbox implements Flushable {
  readonly #sink: OutboxSink;
  readonly #turn: Turn;
  readonly #forwarding: Forwarding;
  readonly #sampled = new SampledFrames();
  /** Messages of this turn that are not laid out yet. */
  #fresh: OutboundMessage[] = [];
  readonly #waiting = new WaitingChunks();
  #inFlight: WriteChunk | undefined;
  #chargedBytes = 0;
  #writesDone = 0;
  #onEmpty: (() => void) | undefined;
  #lowMark: { readonly bytes: number; readonly reached: () => void } | undefined;

  constructor(sink: OutboxSink, turn: Turn, forwarding: Forwarding) {
    this.#sink = sink;
    this.#turn = turn;
    this.#forwarding = forwarding;
  }

  /** Bytes queued or being written, plus the overhead per frame. */
  get chargedBytes(): number {
    return this.#chargedBytes;
  }

  /** Many writes, or a copy of what its peer does not take. */
  get isLong(): boolean {
    return this.#chargedBytes > SHORT_BACKLOG_BYTES;
  }

  /** Whether a write is in progress. */
  get isWriting(): boolean {
    return this.#inFlight !== undefined;
  }

  /** Grows with every completed write. Two equal readings during a write mean that it made no progress. */
  get writesDone(): number {
    return this.#writesDone;
  }

  /** Queues a message. Its parts must not change until they have been written or dropped. */
  enqueue(message: OutboundMessage): void {
    if (this.#fresh.length === 0) this.#turn.add(this);
    this.#fresh.push(message);
    if (message.isForwarded) this.#sampled.queue(this.#forwarding.isSampled(), message.body.length);
    this.#charge(chargeOf(message));
  }

  /**
   * Lays out this turn's messages and starts writing.
   * @throws an internal fault; messages are then lost, so the connection must not go on as if they had been sent
   */
  flush(): void {
    if (this.#fresh.length === 0) return;
    const fresh = this.#fresh;
    this.#fresh = [];
    // The network has not taken the last write yet: the peer is slower than what is sent to it.
    const isSlow = this.isWriting;
    try {
      this.#waiting.push(layOut(fresh));
      forgetEntries(fresh);
      this.#writeNext();
      // What is written at once is not copied.
      this.#waiting.keep(isSlow);
    } catch (error) {
      this.discard();
      this.#sink.failed();
      throw error;
    }
  }

  /** Drops the backlog, except for the chunk in the socket. */
  discard(): void {
    this.#fresh = [];
    this.#waiting.clear();
    this.#sampled.drop(this.#inFlight?.forwarded ?? 0);
    this.#charge((this.#inFlight?.charge ?? 0) - this.#chargedBytes);
    this.#settle();
  }

  /** Calls `done` once, when the backlog is empty and no write is in progress; at once if that is so now. */
  whenEmpty(callback: () => void): void {
    this.#onEmpty = callback;
    this.#settle();
  }

  /** Calls `done` once, when no more than `bytes` are charged. */
  whenBelow(bytes: number, callback: () => void): void {
    this.#lowMark = { bytes, reached: callback };
    this.#settle();
  }

  #charge(bytes: number): void {
    this.#chargedBytes += bytes;
    this.#sink.charged(bytes);
  }

  #writeNext(): void {
    if (this.#inFlight !== undefined) return;
    if (!this.#sink.canWrite()) {
      this.discard();
      return;
    }
    const chunk = this.#waiting.take();
    if (chunk === undefined) return;
    this.#inFlight = chunk;
    this.#sink.write(chunk.parts, this.#written);
  }

  readonly #written = (isTaken: boolean): void => {
    const chunk = this.#inFlight;
    this.#inFlight = undefined;
    if (chunk === undefined) return;
    for (const block of chunk.blocks) queuedBlocks.give(block);
    this.#charge(-chunk.charge);
    if (!isTaken) {
      this.discard();
      return;
    }
    this.#writesDone++;
    this.#forwarding.written(chunk.forwarded, chunk.bytes);
    this.#sampled.write(chunk.forwarded, this.#forwarding.sampled);
    this.#writeNext();
    this.#settle();
  };

  #settle(): void {
    const { reached, bytes } = this.#lowMark ?? NO_MARK;
    if (reached !== undefined && this.#chargedBytes <= bytes) {
      this.#lowMark = undefined;
      reached();
    }
    if (this.#onEmpty !== undefined && this.#chargedBytes === 0) {
      const callback = this.#onEmpty;
      this.#onEmpty = undefined;
      callback();
    }
  }
}

const NO_MARK: { readonly bytes: number; readonly reached: undefined } = { bytes: 0, reached: undefined };
