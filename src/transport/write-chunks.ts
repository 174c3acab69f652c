/** Lays messages out as WebSocket frames in chunks, each small enough to be one write. */
import { frameHeaderBytes, writeFrameHeader } from '../protocol/frame-header.ts';
import { COPIED_BODY_BYTES, FRAME_OVERHEAD_BYTES, WRITE_CHUNK_BYTES } from '../protocol/limits.ts';
import { type Block, queuedBlocks } from './block-pool.ts';

/** One message to send; its payload is the three parts joined. No part may change until it has been written. */
export interface OutboundMessage {
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  readonly tail: Uint8Array;
  /** False for the relay's own messages: only forwarded frames are counted. */
  readonly isForwarded: boolean;
}

/** One socket write: whole WebSocket frames, at most `WRITE_CHUNK_BYTES` over all parts. */
export interface WriteChunk {
  /** Written in order, in one system call. */
  readonly parts: readonly Uint8Array[];
  /** Memory of these parts, to be given back once the socket has taken them or they have been dropped. */
  readonly blocks: readonly Block[];
  readonly bytes: number;
  /** Forwarded messages that end in this chunk. */
  readonly forwarded: number;
  /** Subtracted from the queue's charge when this chunk has been written. */
  readonly charge: number;
}

export const payloadBytes = ({ head, body, tail }: OutboundMessage): number =>
  head.length + body.length + tail.length;

/** A message's charge to its queue until it has been written. */
export const chargeOf = (message: OutboundMessage): number => payloadBytes(message) + FRAME_OVERHEAD_BYTES;

/** The largest payload that fits a chunk with its frame header. */
const FRAGMENT_BYTES = WRITE_CHUNK_BYTES - frameHeaderBytes(WRITE_CHUNK_BYTES);

const WHOLE = { isFirst: true, isLast: true } as const;

/**
 * Whether a body is sent without a copy. Small bodies are cheaper to copy. A body that is a small part of a larger buffer
 * (one read) is copied too: otherwise the whole buffer would stay in memory while it waits.
 */
const isReferred = ({ length, buffer }: Uint8Array): boolean =>
  length >= COPIED_BODY_BYTES && 2 * length >= buffer.byteLength;

const copyWhole = ({ head, body, tail }: OutboundMessage, target: Uint8Array, offset: number): number => {
  let at = writeFrameHeader(target, offset, head.length + body.length + tail.length, WHOLE);
  if (head.length > 0) target.set(head, at);
  at += head.length;
  target.set(body, at);
  at += body.length;
  if (tail.length > 0) target.set(tail, at);
  return at + tail.length;
};

/** Views of `length` bytes from offset `from` of head, body and tail joined. */
const viewRange = ({ head, body, tail }: OutboundMessage, from: number, length: number): Uint8Array[] => {
  const views: Uint8Array[] = [];
  let partStart = 0;
  for (const part of [head, body, tail]) {
    const start = Math.max(from - partStart, 0);
    const stop = Math.min(from + length - partStart, part.length);
    if (start < stop) views.push(part.subarray(start, stop));
    partStart += part.length;
  }
  return views;
};

const NO_BLOCKS: readonly Block[] = [];

/** Collects whole messages up to the size of a chunk. */
class ChunkBuilder {
  readonly chunks: WriteChunk[] = [];
  #parts: Uint8Array[] = [];
  #blocks: Block[] | undefined;
  #bytes = 0;
  #forwarded = 0;
  #charge = 0;
  /** Consecutive messages that will be copied into one buffer. */
  #run: OutboundMessage[] = [];
  #runBytes = 0;

  add(message: OutboundMessage): void {
    const payload = payloadBytes(message);
    const framed = frameHeaderBytes(payload) + payload;
    if (this.#bytes + framed > WRITE_CHUNK_BYTES) this.close();
    if (framed > WRITE_CHUNK_BYTES) {
      const body = isReferred(message.body) ? message.body : Buffer.from(message.body);
      this.#addFragments({ ...message, body }, payload);
      return;
    }
    this.#bytes += framed;
    this.#charge += payload + FRAME_OVERHEAD_BYTES;
    if (message.isForwarded) this.#forwarded++;
    if (isReferred(message.body)) {
      this.#refer(message, payload);
      return;
    }
    this.#run.push(message);
    this.#runBytes += framed;
  }

  /** Ends the current chunk, if there is one. */
  close(): void {
    this.#copyRun();
    if (this.#bytes === 0) return;
    const [bytes, forwarded, charge] = [this.#bytes, this.#forwarded, this.#charge];
    this.chunks.push({ parts: this.#parts, blocks: this.#blocks ?? NO_BLOCKS, bytes, forwarded, charge });
    this.#parts = [];
    this.#blocks = undefined;
    this.#bytes = 0;
    this.#forwarded = 0;
    this.#charge = 0;
  }

  #copyRun(): void {
    if (this.#runBytes === 0) return;
    const bytes = this.#allocate(this.#runBytes);
    let at = 0;
    for (const message of this.#run) at = copyWhole(message, bytes, at);
    this.#parts.push(bytes);
    this.#run = [];
    this.#runBytes = 0;
  }

  /** Little is cheaper from the slabs that Node shares. */
  #allocate(bytes: number): Buffer {
    if (bytes < COPIED_BODY_BYTES) return Buffer.allocUnsafe(bytes);
    const block = queuedBlocks.take(bytes);
    this.#blocks ??= [];
    this.#blocks.push(block);
    return block.bytes.subarray(0, bytes);
  }

  #refer({ head, body, tail }: OutboundMessage, payload: number): void {
    this.#copyRun();
    const start = Buffer.allocUnsafe(frameHeaderBytes(payload) + head.length);
    start.set(head, writeFrameHeader(start, 0, payload, WHOLE));
    this.#parts.push(start, body);
    if (tail.length > 0) this.#parts.push(tail);
  }

  /**
   * A message larger than a chunk is sent in fragments (RFC 6455 section 5.4). A ping, pong or close frame can be sent
   * between two of them, and a peer on a slow link shows progress with each.
   */
  #addFragments(message: OutboundMessage, total: number): void {
    for (let from = 0; from < total; from += FRAGMENT_BYTES) {
      const length = Math.min(FRAGMENT_BYTES, total - from);
      const isLast = from + length === total;
      const header = Buffer.allocUnsafe(frameHeaderBytes(length));
      writeFrameHeader(header, 0, length, { isFirst: from === 0, isLast });
      this.chunks.push({
        blocks: NO_BLOCKS,
        parts: [header, ...viewRange(message, from, length)],
        bytes: header.length + length,
        forwarded: isLast && message.isForwarded ? 1 : 0,
        charge: length + (isLast ? FRAME_OVERHEAD_BYTES : 0),
      });
    }
  }
}

/** The chunks of these messages, in order. */
export const layOut = (messages: readonly OutboundMessage[]): WriteChunk[] => {
  const builder = new ChunkBuilder();
  for (const message of messages) builder.add(message);
  builder.close();
  return builder.chunks;
};
