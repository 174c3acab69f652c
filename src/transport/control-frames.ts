/**
 * Picks the control frames out of what a leaving peer sends (RFC 6455 section 5.5). Data frames are skipped as they come:
 * nothing is kept of them, however long they are, and they are not checked.
 */
import type { FramePosition } from './ws-receiver.ts';

const OPCODE_BITS = 0x0f;
const MASK_BIT = 0x80;
const LENGTH_BITS = 0x7f;
const MASK_BYTES = 4;
/** Text, binary and continuation. Frames with an unknown opcode are passed on, for the parser to reject. */
const LAST_DATA_OPCODE = 2;

export class ControlFrames {
  readonly #pass: (bytes: Buffer) => void;
  #next: 'opcode' | 'size' | 'length' | 'rest' = 'opcode';
  #isControl = false;
  #hasMask = true;
  /** Bytes of the length that follow. */
  #lengthBytes = 0;
  /** The length as far as it has been read; then the bytes of mask and payload that follow. */
  #rest = 0;

  /** @param pass called with the bytes of control frames, in order; a frame may come in pieces */
  constructor(position: FramePosition, pass: (bytes: Buffer) => void) {
    this.#pass = pass;
    if (position.at === 'frame') return;
    this.#isControl = position.isControl;
    this.#next = position.at;
    if (position.at === 'length') this.#lengthBytes = position.bytes;
    else this.#rest = position.bytes;
    this.#endIfDone();
  }

  /** Passes the control frames of one read together: a read of tiny ones is thousands. */
  read(bytes: Buffer): void {
    const runs: Buffer[] = [];
    /** Where the control frames begin that reach up to here; -1 for none. */
    let from = this.#next !== 'opcode' && this.#isControl ? 0 : -1;
    for (let at = 0; at < bytes.length; ) {
      const isBetween = this.#next === 'opcode';
      const end = at + this.#step(bytes, at);
      if (isBetween && this.#isControl && from === -1) from = at;
      if (isBetween && !this.#isControl && from !== -1) {
        runs.push(bytes.subarray(from, at));
        from = -1;
      }
      at = end;
    }
    if (from !== -1) runs.push(bytes.subarray(from));
    const [first] = runs;
    if (first !== undefined) this.#pass(runs.length === 1 ? first : Buffer.concat(runs));
  }

  /** @returns how many bytes belong to the next part of the frame */
  #step(bytes: Buffer, at: number): number {
    const byte = bytes[at] ?? 0;
    switch (this.#next) {
      case 'opcode':
        this.#isControl = (byte & OPCODE_BITS) > LAST_DATA_OPCODE;
        this.#next = 'size';
        return 1;
      case 'size':
        this.#readSize(byte);
        return 1;
      case 'length':
        this.#rest = this.#rest * 256 + byte;
        if (--this.#lengthBytes === 0) this.#begin(this.#rest);
        return 1;
      case 'rest': {
        const taken = Math.min(this.#rest, bytes.length - at);
        this.#rest -= taken;
        this.#endIfDone();
        return taken;
      }
    }
  }

  #readSize(byte: number): void {
    const size = byte & LENGTH_BITS;
    this.#hasMask = (byte & MASK_BIT) !== 0;
    if (size < 126) {
      this.#begin(size);
      return;
    }
    this.#lengthBytes = size === 126 ? 2 : 8;
    this.#rest = 0;
    this.#next = 'length';
  }

  #begin(payloadBytes: number): void {
    this.#rest = payloadBytes + (this.#hasMask ? MASK_BYTES : 0);
    this.#next = 'rest';
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#next === 'rest' && this.#rest === 0) this.#next = 'opcode';
  }
}
