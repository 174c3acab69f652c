/** Encodes messages as client frames, and parses received frames. */

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const TEXT = 0x81;

/** @param {number} length */
const header = (length, first = TEXT, maskBit = 0x80) => {
  if (length < 126) return Buffer.from([first, maskBit | length]);
  if (length < 65_536) return Buffer.from([first, maskBit | 126, length >> 8, length & 0xff]);
  const bytes = Buffer.alloc(10);
  bytes.writeUInt8(first, 0);
  bytes.writeUInt8(maskBit | 127, 1);
  bytes.writeUInt32BE(length, 6);
  return bytes;
};

/**
 * A client frame. The mask is not zero, because `ws` skips unmasking for a zero mask.
 * @param {Uint8Array} payload
 */
export const clientFrame = (payload, first = TEXT) => {
  const masked = Buffer.from(payload);
  for (let i = 0; i < masked.length; i++) masked[i] = (masked[i] ?? 0) ^ (MASK[i & 3] ?? 0);
  return Buffer.concat([header(payload.length, first), MASK, masked]);
};

/**
 * A server frame, unmasked.
 * @param {Uint8Array} payload
 */
export const serverFrame = (payload) => Buffer.concat([header(payload.length, TEXT, 0), payload]);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const AROUND = '{"v":2,"type":"noise_msg","data":""}'.length;

/**
 * An inner frame of exactly `bytes` bytes, in the clients' format (specification of the clients, section 4).
 * @param {number} bytes
 */
export const innerFrame = (bytes) => {
  let data = '';
  // A fixed pseudo-random sequence, as incompressible as ciphertext.
  for (let i = 0, x = 7; i < bytes - AROUND; i++) {
    x = (x * 1_103_515_245 + 12_345) % 2_147_483_648;
    data += ALPHABET[(x >> 8) & 63];
  }
  return Buffer.from(`{"v":2,"type":"noise_msg","data":"${data}"}`);
};

/** Assembles received bytes into messages. Fragments form one message. */
export class FrameReader {
  /** @type {Buffer[]} */
  #chunks = [];
  #buffered = 0;
  #needed = 2;
  /** @type {Buffer[]} */
  #fragments = [];
  #onMessage;
  #onControl;

  /**
   * @param {(payload: Buffer) => void} onMessage the payload is still masked if the sender masks
   * @param {(opcode: number, payload: Buffer) => void} onControl
   */
  constructor(onMessage, onControl) {
    this.#onMessage = onMessage;
    this.#onControl = onControl;
  }

  /** @param {Buffer} chunk */
  push(chunk) {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#needed) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const rest = this.#read(bytes);
    this.#chunks = rest < bytes.length ? [bytes.subarray(rest)] : [];
    this.#buffered = bytes.length - rest;
  }

  /** @param {Buffer} bytes */
  #read(bytes) {
    let at = 0;
    for (;;) {
      const left = bytes.length - at;
      const second = bytes[at + 1] ?? 0;
      const short = second & 0x7f;
      const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
      const head = 2 + lengthBytes + (second & 0x80 ? 4 : 0);
      this.#needed = left < 2 ? 2 : head;
      if (left < this.#needed) return at;
      const length =
        short === 127 ? bytes.readUInt32BE(at + 6) : short === 126 ? bytes.readUInt16BE(at + 2) : short;
      this.#needed = head + length;
      if (left < this.#needed) return at;
      const first = bytes[at] ?? 0;
      const payload = bytes.subarray(at + head, at + head + length);
      at += head + length;
      if ((first & 0x0f) >= 8) this.#onControl(first & 0x0f, payload);
      else this.#take(payload, (first & 0x80) !== 0);
    }
  }

  /**
   * @param {Buffer} payload
   * @param {boolean} isLast
   */
  #take(payload, isLast) {
    if (!isLast) {
      this.#fragments.push(Buffer.from(payload));
      return;
    }
    if (this.#fragments.length === 0) {
      this.#onMessage(payload);
      return;
    }
    const whole = Buffer.concat([...this.#fragments, payload]);
    this.#fragments = [];
    this.#onMessage(whole);
  }
}
