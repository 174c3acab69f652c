/** Differences in how frames are read, and in how messages become frames. */
import { newServerId } from '../new-server-id.ts';
import type { Difference, Question } from './difference.ts';
import { ANSWER_MS, SILENT_MS } from './raw-connection.ts';
import { closeCodeOf, frameOf, NOT_UTF8 } from './raw-frame.ts';

const NORMAL = Buffer.from([0x03, 0xe8]);
const TEXT = Buffer.from('{}');
/** Fragments of one message that are read here. */
const MOST_FRAGMENTS = 16_384;
/** The longest message that leaves in one frame here, and a few bytes more. */
const LARGE_BYTES = 64 * 1024 + 16;
const LAST = Buffer.from('last');

/** @returns the close that these bytes of a binary lead to, or that it stays */
const staysAfter =
  (bytes: () => Buffer): Question['ask'] =>
  async (asker) => {
    const binary = await asker.upgrade('binary');
    binary.write(Buffer.concat([bytes(), frameOf('ping', LAST)]));
    for (;;) {
      const frame = await binary.frame();
      if (frame === undefined) return 'no answer';
      if (frame.opcode === 'close') return `close ${closeCodeOf(frame)}`;
      if (frame.opcode === 'pong' && frame.payload.equals(LAST)) return 'stays';
    }
  };

const inFragments = (): Buffer =>
  Buffer.concat([
    frameOf('text', TEXT, { isFinal: false }),
    ...Array.from({ length: MOST_FRAGMENTS }, () => frameOf('continuation', '', { isFinal: false })),
    frameOf('continuation'),
  ]);

/** How a message of a phone that is larger than a fragment reaches its binary. */
const framesOfLarge: Question['ask'] = async (asker) => {
  const serverId = newServerId();
  const binary = await asker.upgrade('binary', serverId);
  const phone = await asker.dial('phone', serverId);
  phone.send(JSON.stringify('x'.repeat(LARGE_BYTES)));
  const frame = await binary.frame();
  if (frame?.opcode !== 'text') return frame?.opcode ?? 'no frame';
  return frame.isFinal ? 'one frame' : 'fragments';
};

/** What the binary of a phone hears that has left, and does not end TCP. */
const noticeOfOpenTcp: Question['ask'] = async (asker) => {
  const serverId = newServerId();
  const binary = await asker.dial('binary', serverId);
  await binary.roundTrip(ANSWER_MS);
  const phone = await asker.upgrade('phone', serverId);
  phone.write(frameOf('close', NORMAL));
  const frame = await phone.frame();
  if (frame?.opcode !== 'close') return frame?.opcode ?? 'no frame';
  const notice = await binary.message(SILENT_MS);
  if (notice === undefined) return 'no close notice yet';
  return notice.includes('"close_code":1000') ? 'close notice' : notice;
};

export const FRAME_DIFFERENCES: readonly Difference[] = [
  {
    id: 'invalid-utf8',
    section: 'Messages',
    what: 'Invalid UTF-8, either opcode, either leg',
    go: 'forwarded, or replaced by U+FFFD',
    here: 'close 1007',
    why: 'the relay sends text, and text must be UTF-8 (RFC 6455 section 8.1)',
    question: {
      ask: staysAfter(() => frameOf('text', NOT_UTF8)),
      go: 'stays',
      here: 'close 1007',
    },
  },
  {
    id: 'large-messages',
    section: 'Messages',
    what: 'Messages larger than 64 KiB leave',
    go: 'in one frame',
    here: 'in fragments of at most 64 KiB',
    why: 'a ping or a close frame never waits behind more; see [ADR 3](adr/0003-large-messages-leave-in-fragments.md)',
    question: { ask: framesOfLarge, go: 'one frame', here: 'fragments' },
  },
  {
    id: 'many-fragments',
    section: 'Messages',
    what: 'A message in more than 16,384 fragments',
    go: 'accepted',
    here: 'close 1008',
    why: 'bounds the work for one message; see [ADR 12](adr/0012-an-incomplete-message-takes-twice-its-size.md)',
    question: { ask: staysAfter(inFragments), go: 'stays', here: 'close 1008' },
  },
  {
    id: 'open-tcp-of-a-phone-that-left',
    section: 'Closing',
    what: 'A phone that keeps TCP open after its close frame',
    go: 'gone at its close frame',
    here: 'the same; the relay ends its half of TCP, and 5 s later the other. The close notice follows the end of TCP',
    why: 'RFC 6455 section 7.1.1',
    question: { ask: noticeOfOpenTcp, go: 'close notice', here: 'no close notice yet' },
  },
];
