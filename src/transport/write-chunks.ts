/** Lays messages out as WebSocket frames in contiguous chunks, each small enough to be one write. */
import { frameHeaderBytes, writeFrameHeader } from '../protocol/frame-header.ts';
import { FRAME_OVERHEAD_BYTES, WRITE_CHUNK_BYTES } from '../protocol/limits.ts';

/** One message to send. Its payload is the three parts joined; parts may be views on memory that is reused. */
export interface OutboundMessage {
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  readonly tail: Uint8Array;
  /** False for what the relay itself says: the forwarded frames are counted. */
  readonly isForwarded: boolean;
}

/** What one socket write takes: whole frames, at most `WRITE_CHUNK_BYTES`. */
export interface WriteChunk {
  readonly bytes: Uint8Array;
  /** Forwarded messages that end in this chunk. */
  readonly forwarded: number;
  /** What the queue is credited when this chunk has been written. */
  readonly charge: number;
}

export const payloadBytes = ({ head, body, tail }: OutboundMessage): number =>
  head.length + body.length + tail.length;

/** What a message costs its queue while it waits or is being written. */
export const chargeOf = (message: OutboundMessage): number => payloadBytes(message) + FRAME_OVERHEAD_BYTES;

/** Most payload a fragment can have and still fit a chunk with its header. */
const FRAGMENT_BYTES = WRITE_CHUNK_BYTES - frameHeaderBytes(WRITE_CHUNK_BYTES);

const WHOLE = { isFirst: true, isLast: true } as const;

const copyWhole = (message: OutboundMessage, target: Uint8Array, offset: number): number => {
  const { head, body, tail } = message;
  let at = writeFrameHeader(target, offset, payloadBytes(message), WHOLE);
  target.set(head, at);
  at += head.length;
  target.set(body, at);
  at += body.length;
  target.set(tail, at);
  return at + tail.length;
};

/** Copies `length` bytes of the joined payload, from position `from`, to `offset` of `target`. */
const copyRange = (
  message: OutboundMessage,
  from: number,
  length: number,
  target: Uint8Array,
  offset: number,
): void => {
  let partStart = 0;
  let at = offset;
  const end = from + length;
  for (const part of [message.head, message.body, message.tail]) {
    const start = Math.max(from - partStart, 0);
    const stop = Math.min(end - partStart, part.length);
    if (start < stop) {
      target.set(part.subarray(start, stop), at);
      at += stop - start;
    }
    partStart += part.length;
  }
};

/**
 * A message larger than a chunk leaves in fragments (RFC 6455 section 5.4): between two of them a ping, a pong or a
 * close frame can go out, and a peer on a slow link shows progress with each.
 */
const fragment = (message: OutboundMessage, chunks: WriteChunk[]): void => {
  const total = payloadBytes(message);
  for (let from = 0; from < total; from += FRAGMENT_BYTES) {
    const length = Math.min(FRAGMENT_BYTES, total - from);
    const isLast = from + length === total;
    const bytes = Buffer.allocUnsafe(frameHeaderBytes(length) + length);
    const at = writeFrameHeader(bytes, 0, length, { isFirst: from === 0, isLast });
    copyRange(message, from, length, bytes, at);
    chunks.push({
      bytes,
      forwarded: isLast && message.isForwarded ? 1 : 0,
      charge: length + (isLast ? FRAME_OVERHEAD_BYTES : 0),
    });
  }
};

const join = (messages: readonly OutboundMessage[], size: number, charge: number): WriteChunk => {
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const message of messages) at = copyWhole(message, bytes, at);
  return { bytes, forwarded: messages.filter(({ isForwarded }) => isForwarded).length, charge };
};

/** The chunks of these messages, in order. Everything is copied: no part is referred to afterwards. */
export const layOut = (messages: readonly OutboundMessage[]): WriteChunk[] => {
  const chunks: WriteChunk[] = [];
  let first = 0;
  let size = 0;
  let charge = 0;
  const close = (end: number): void => {
    if (end > first) chunks.push(join(messages.slice(first, end), size, charge));
    first = end;
    size = 0;
    charge = 0;
  };
  for (const [i, message] of messages.entries()) {
    const payload = payloadBytes(message);
    const framed = frameHeaderBytes(payload) + payload;
    if (size + framed > WRITE_CHUNK_BYTES) close(i);
    if (framed > WRITE_CHUNK_BYTES) {
      fragment(message, chunks);
      first = i + 1;
    } else {
      size += framed;
      charge += chargeOf(message);
    }
  }
  close(messages.length);
  return chunks;
};

/** Chunks that are written as one. */
export const merge = (chunks: readonly WriteChunk[]): WriteChunk => ({
  bytes: Buffer.concat(chunks.map(({ bytes }) => bytes)),
  forwarded: chunks.reduce((sum, { forwarded }) => sum + forwarded, 0),
  charge: chunks.reduce((sum, { charge }) => sum + charge, 0),
});
