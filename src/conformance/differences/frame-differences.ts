/** Differences that odd WebSocket frames show. */
import type { Difference, Question } from './difference.ts';
import { frameOf, type RawConnection, type RawDialler } from './raw-connection.ts';

const NORMAL = Buffer.from([0x03, 0xe8]);
/** Bytes that no UTF-8 text contains (RFC 3629 section 3). */
const NOT_UTF8 = Buffer.from([0xff, 0xfe]);
const RESERVED_BIT = 0x40;

const upgrade = async (dialler: RawDialler): Promise<RawConnection | string> => {
  const binary = dialler.open();
  binary.request('binary');
  const status = await binary.status();
  return status === '101' ? binary : `HTTP ${status}`;
};

/** @returns the code of the close frame that the relay answers with, and its reason in words */
const afterFrame =
  (frame: Buffer, describe: (reason: Buffer) => string): Question['ask'] =>
  async (dialler) => {
    const binary = await upgrade(dialler);
    if (typeof binary === 'string') return binary;
    binary.write(frame);
    const close = await binary.closeFrame();
    return close === undefined ? 'no close frame' : `close ${close.code}${describe(close.reason)}`;
  };

const withReservedBit = (): Buffer => {
  const frame = frameOf('text', Buffer.from('{}'));
  return Buffer.concat([Buffer.from([(frame[0] ?? 0) | RESERVED_BIT]), frame.subarray(1)]);
};

export const FRAME_DIFFERENCES: readonly Difference[] = [
  {
    id: 'unmasked-frame',
    section: 'Closing',
    what: 'A frame of a client that is not masked',
    go: 'close 1000, no reason',
    here: 'close 1002',
    why: 'RFC 6455 section 5.1 calls it a protocol error',
    question: {
      ask: afterFrame(frameOf('text', Buffer.from('{}'), false), () => ''),
      go: 'close 1000',
      here: 'close 1002',
    },
  },
  {
    id: 'close-reason-not-utf8',
    section: 'Closing',
    what: 'A close frame whose reason is not UTF-8',
    go: 'echoed, reason and all',
    here: 'close 1007',
    why: 'RFC 6455 section 8.1; what is echoed must be UTF-8 too',
    question: {
      ask: afterFrame(frameOf('close', Buffer.concat([NORMAL, NOT_UTF8])), () => ''),
      go: 'close 1000',
      here: 'close 1007',
    },
  },
  {
    id: 'reason-of-1002',
    section: 'Closing',
    what: 'Reason of close 1002',
    go: 'what the library found, such as `received header with unexpected rsv bits set: true:false:false`',
    here: 'none',
    why: 'nobody reads it',
    question: {
      ask: afterFrame(withReservedBit(), (reason) => (reason.length > 0 ? ' with a reason' : '')),
      go: 'close 1002 with a reason',
      here: 'close 1002',
    },
  },
];
