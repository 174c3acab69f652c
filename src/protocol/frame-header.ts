/** Headers of the WebSocket frames a server sends: unmasked and uncompressed (RFC 6455 section 5.2). */

const FIN = 0x80;
const TEXT = 0x01;
const CONTINUATION = 0x00;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MAX_7_BIT = 125;
const MAX_16_BIT = 0xffff;

/** Position of a frame in its message. */
export interface FramePosition {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** Header size in bytes for this payload size: 2, 4 or 10. */
export const frameHeaderBytes = (payloadBytes: number): number => {
  if (payloadBytes <= MAX_7_BIT) return 2;
  return payloadBytes <= MAX_16_BIT ? 4 : 10;
};

/**
 * Writes a frame header into `target` at `offset`. `target` must have room for it.
 * @returns the offset just after the header
 */
export const writeFrameHeader = (
  target: Uint8Array,
  offset: number,
  payloadBytes: number,
  position: FramePosition,
): number => {
  target[offset] = (position.isLast ? FIN : 0) | (position.isFirst ? TEXT : CONTINUATION);
  if (payloadBytes <= MAX_7_BIT) {
    target[offset + 1] = payloadBytes;
    return offset + 2;
  }
  if (payloadBytes <= MAX_16_BIT) {
    target[offset + 1] = LENGTH_16;
    target[offset + 2] = payloadBytes >>> 8;
    target[offset + 3] = payloadBytes & 0xff;
    return offset + 4;
  }
  target[offset + 1] = LENGTH_64;
  // Payloads are always below 4 GiB, so the upper four length bytes are 0.
  target.fill(0, offset + 2, offset + 6);
  for (let i = 0; i < 4; i++) target[offset + 6 + i] = (payloadBytes >>> (24 - 8 * i)) & 0xff;
  return offset + 10;
};
