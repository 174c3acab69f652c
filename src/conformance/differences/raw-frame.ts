/** WebSocket frames as bytes (RFC 6455 section 5.2), for those that no WebSocket library would send. */

const OPCODES = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

type Opcode = keyof typeof OPCODES;

export interface Frame {
  /** Undefined for a reserved one. */
  readonly opcode: Opcode | undefined;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

export interface FrameForm {
  readonly isFinal?: boolean;
  readonly isMasked?: boolean;
  /** Whether its first reserved bit is set, as for a compressed message. */
  readonly isReserved?: boolean;
}

/** Bytes that no UTF-8 text contains (RFC 3629 section 3). */
export const NOT_UTF8 = Buffer.from([0xff, 0xfe]);

const FIN = 0x80;
const RESERVED = 0x40;
const OPCODE_BITS = 0x0f;
const MASKED = 0x80;
const LENGTH_BITS = 0x7f;
/** The length that says that two bytes with the length follow, or eight. */
const IN_TWO_BYTES = 126;
const IN_EIGHT_BYTES = 127;
const MASK_KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

const headOf = (first: number, length: number, maskBit: number): Buffer => {
  if (length < IN_TWO_BYTES) return Buffer.from([first, length | maskBit]);
  if (length > 0xffff) throw new RangeError(`no frame of ${length} bytes is sent`);
  return Buffer.from([first, IN_TWO_BYTES | maskBit, length >> 8, length & 0xff]);
};

/**
 * A frame of a client.
 * @throws RangeError for a payload above 65,535 bytes
 */
export const frameOf = (opcode: Opcode, payload: Buffer | string = '', form: FrameForm = {}): Buffer => {
  const { isFinal = true, isMasked = true, isReserved = false } = form;
  const bytes = Buffer.from(payload);
  const first = OPCODES[opcode] | (isFinal ? FIN : 0) | (isReserved ? RESERVED : 0);
  const head = headOf(first, bytes.length, isMasked ? MASKED : 0);
  if (!isMasked) return Buffer.concat([head, bytes]);
  const masked = bytes.map((byte, i) => byte ^ (MASK_KEY[i % MASK_KEY.length] ?? 0));
  return Buffer.concat([head, MASK_KEY, masked]);
};

const opcodeOf = (bits: number): Opcode | undefined => {
  for (const [name, value] of Object.entries(OPCODES)) {
    // A key of OPCODES.
    if (value === bits) return name as Opcode;
  }
  return undefined;
};

/**
 * The frame of a relay that `bytes` begin with.
 * @returns undefined while it is incomplete
 */
export const readFrame = (bytes: Buffer): { readonly frame: Frame; readonly rest: Buffer } | undefined => {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  const short = second & LENGTH_BITS;
  const start = short === IN_EIGHT_BYTES ? 10 : short === IN_TWO_BYTES ? 4 : 2;
  if (bytes.length < start) return undefined;
  const length =
    short === IN_EIGHT_BYTES
      ? Number(bytes.readBigUInt64BE(2))
      : short === IN_TWO_BYTES
        ? bytes.readUInt16BE(2)
        : short;
  if (bytes.length < start + length) return undefined;
  return {
    frame: {
      opcode: opcodeOf(first & OPCODE_BITS),
      isFinal: (first & FIN) !== 0,
      payload: bytes.subarray(start, start + length),
    },
    rest: bytes.subarray(start + length),
  };
};

/** The code of a close frame. One without is 1005 (RFC 6455 section 7.1.5). */
export const closeCodeOf = ({ payload }: Frame): number =>
  payload.length < 2 ? 1005 : payload.readUInt16BE(0);
