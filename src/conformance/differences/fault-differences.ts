/** Differences in what a peer gets that breaks the WebSocket protocol, or a limit of it. */
import { DEFAULT_MAX_FRAME_BYTES } from '../../protocol/limits.ts';
import type { Difference, Question } from './difference.ts';
import { ANSWER_MS, SILENT_MS } from './raw-connection.ts';
import { closeCodeOf, frameOf, NOT_UTF8 } from './raw-frame.ts';

const NORMAL = Buffer.from([0x03, 0xe8]);
const TEXT = Buffer.from('{}');
/** The header of a text frame of 4 GiB, and its mask. */
const TOO_LONG = Buffer.from([0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);

/** @returns the close that these bytes of a binary lead to, with its reason in words */
const afterBytes =
  (bytes: Buffer, describe: (reason: Buffer) => string = () => '', withinMs = ANSWER_MS): Question['ask'] =>
  async (asker) => {
    const binary = await asker.upgrade('binary');
    binary.write(bytes);
    const frame = await binary.frame(withinMs);
    if (frame?.opcode !== 'close') return 'no close frame';
    return `close ${closeCodeOf(frame)}${describe(frame.payload.subarray(2))}`;
  };

const reasonOfOversize: Question['ask'] = async (asker) => {
  const { phone } = await asker.pair();
  phone.send(JSON.stringify('x'.repeat(DEFAULT_MAX_FRAME_BYTES)));
  const close = await phone.close(ANSWER_MS);
  if (close === undefined) return 'no close';
  return `close ${close.code}${close.reason === '' ? '' : ' with a reason'}`;
};

const endsBehindFault: Question['ask'] = async (asker) => {
  const binary = await asker.upgrade('binary');
  binary.write(frameOf('text', TEXT, { isReserved: true }));
  const frame = await binary.frame();
  if (frame?.opcode !== 'close') return frame?.opcode ?? 'no frame';
  return (await binary.ends()) ? 'ended' : 'kept';
};

export const FAULT_DIFFERENCES: readonly Difference[] = [
  {
    id: 'unmasked-frame',
    section: 'Closing',
    what: 'A frame of a client that is not masked',
    go: 'close 1000, no reason',
    here: 'close 1002',
    why: 'RFC 6455 section 5.1 calls it a protocol error',
    question: {
      ask: afterBytes(frameOf('text', TEXT, { isMasked: false })),
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
      ask: afterBytes(frameOf('close', Buffer.concat([NORMAL, NOT_UTF8]))),
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
      ask: afterBytes(frameOf('text', TEXT, { isReserved: true }), (reason) =>
        reason.length > 0 ? ' with a reason' : '',
      ),
      go: 'close 1002 with a reason',
      here: 'close 1002',
    },
  },
  {
    id: 'reason-of-1009',
    section: 'Closing',
    what: 'Reason of close 1009',
    go: '`read limited at 262145 bytes`',
    here: 'none',
    why: 'nobody reads it',
    question: { ask: reasonOfOversize, go: 'close 1009 with a reason', here: 'close 1009' },
  },
  {
    id: 'announced-length',
    section: 'Closing',
    what: 'A frame that announces more than a message may have',
    go: 'close 1009 once so much has arrived',
    here: 'close 1009 at its header',
    why: 'nobody need send what is refused',
    question: { ask: afterBytes(TOO_LONG, undefined, SILENT_MS), go: 'no close frame', here: 'close 1009' },
  },
  {
    id: 'end-behind-a-fault',
    section: 'Closing',
    what: 'TCP behind a close frame for what breaks the protocol (1002, 1007, 1009)',
    go: 'kept until the peer answers, up to 5 s',
    here: 'the relay ends its half at once',
    why: 'what such a peer sends next cannot be read (RFC 6455 section 7.1.7)',
    question: { ask: endsBehindFault, go: 'kept', here: 'ended' },
  },
];
