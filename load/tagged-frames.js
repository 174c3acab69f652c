/**
 * Frames that say what they are, so that loss, order, duplicates and wrong receivers are decided exactly:
 * `{"v":2,"type":"noise_msg","data":"<run>.<server-id>.<phone>.<u|d>.<sequence>.<sent>.<checksum>.<padding>"}`.
 */
import { crc32 } from 'node:zlib';

const START = '{"v":2,"type":"noise_msg","data":"';
const END = '"}';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Longer than any message that a relay takes. */
const PADDING_BYTES = 262_144;
/** A tag is shorter: the padding is not searched for its dots. */
const MAX_TAG_BYTES = 160;

const makePadding = () => {
  const bytes = Buffer.alloc(PADDING_BYTES);
  // A fixed pseudo-random sequence, as incompressible as ciphertext.
  for (let i = 0, x = 7; i < PADDING_BYTES; i++) {
    x = (x * 1_103_515_245 + 12_345) % 2_147_483_648;
    bytes[i] = LETTERS.charCodeAt((x >> 8) & 63);
  }
  return bytes;
};
const padding = makePadding();

/**
 * @typedef {object} Tag
 * @property {string} run of the load client: two of them may use one relay
 * @property {number} server index of the server-id
 * @property {number} phone number of the phone's connection, counted for each server-id
 * @property {'u' | 'd'} direction up from the phone, or down to it
 * @property {number} sequence from 0, of this connection and direction
 * @property {number} sentMs on the clock of the sending process
 */

/**
 * @param {Tag} tag
 * @param {number} bytes length of the frame; a tag that does not fit makes it longer
 */
export const encodeFrame = ({ run, server, phone, direction, sequence, sentMs }, bytes) => {
  const tag = `${run}.${server}.${phone}.${direction}.${sequence}.${sentMs.toFixed(3)}`;
  const padded = Math.max(0, bytes - START.length - tag.length - 10 - END.length);
  const filling = padding.subarray(0, padded);
  const checksum = crc32(filling, crc32(tag)).toString(16).padStart(8, '0');
  return Buffer.concat([Buffer.from(`${START}${tag}.${checksum}.`), filling, Buffer.from(END)]);
};

/**
 * @param {Buffer} frame
 * @returns {Tag | undefined} undefined if it is not one of these, or its checksum is wrong
 */
export const readFrame = (frame) => {
  const parts = frame.toString('latin1', START.length, START.length + MAX_TAG_BYTES).split('.', 9);
  if (parts.length < 9) return undefined;
  // The time of sending has a decimal point.
  const [run = '', server, phone, direction, sequence, whole, thousandths, checksum = ''] = parts;
  const tag = `${run}.${server}.${phone}.${direction}.${sequence}.${whole}.${thousandths}`;
  const from = START.length + tag.length + checksum.length + 2;
  if (frame.toString('latin1', 0, START.length) !== START) return undefined;
  if (frame.toString('latin1', frame.length - END.length) !== END) return undefined;
  if (crc32(frame.subarray(from, -END.length), crc32(tag)) !== Number.parseInt(checksum, 16))
    return undefined;
  if (direction !== 'u' && direction !== 'd') return undefined;
  return {
    run,
    server: Number(server),
    phone: Number(phone),
    direction,
    sequence: Number(sequence),
    sentMs: Number(`${whole}.${thousandths}`),
  };
};

const CONN_ID_START = '{"conn_id":"';
const FRAME_START = '","frame":';

/**
 * @param {string} connId
 * @param {Buffer} frame
 */
export const encodeEnvelope = (connId, frame) =>
  Buffer.concat([Buffer.from(`${CONN_ID_START}${connId}${FRAME_START}`), frame, Buffer.from('}')]);

/**
 * What a relay sends to a binary.
 * @param {Buffer} message
 * @returns {{ connId: string, frame: Buffer | undefined, closeCode: number | undefined } | undefined} undefined if it is neither an
 * envelope with a frame nor a close notice
 */
export const readEnvelope = (message) => {
  const idEnd = message.indexOf(0x22, CONN_ID_START.length);
  const connId = message.toString('latin1', CONN_ID_START.length, idEnd);
  const frameAt = idEnd + FRAME_START.length;
  if (message.toString('latin1', idEnd, frameAt) === FRAME_START)
    return { connId, frame: message.subarray(frameAt, -1), closeCode: undefined };
  try {
    const { conn_id: id, close_code: closeCode } = JSON.parse(message.toString());
    if (typeof id === 'string' && typeof closeCode === 'number')
      return { connId: id, frame: undefined, closeCode };
  } catch {
    // Not JSON: no envelope.
  }
  return undefined;
};
