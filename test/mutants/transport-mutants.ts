/**
 * Faults to plant in the data plane, each with the test that must fail for it. A fault whose text is gone from the source
 * fails the suite. Rewrite the fault; do not drop it.
 */
import type { Patch } from '../support/patched-build.ts';
import type { NamedTest } from './plant.ts';

export interface TransportMutant {
  readonly name: string;
  /** Heading in docs/transport-testing.md. */
  readonly subject: string;
  readonly patch: Patch;
  readonly killer: NamedTest;
}

type Kill = readonly [name: string, find: string, replace: string, killer: NamedTest];

const mutants = (subject: string, file: string, kills: readonly Kill[]): readonly TransportMutant[] =>
  kills.map(([name, find, replace, killer]) => ({ name, subject, patch: { file, find, replace }, killer }));

const testsOf =
  (file: string) =>
  (title: string): NamedTest => ({ file: `test/transport/${file}.test.ts`, title });

const pressure = testsOf('back-pressure');
const backlog = testsOf('backlog');
const throttle = testsOf('byte-throttle');
const guard = testsOf('memory-guard');
const broken = testsOf('broken-envelopes');
const closing = testsOf('closing');
const frames = testsOf('frame-share');
const held = testsOf('held-messages');
const input = testsOf('socket-input');
const joined = testsOf('joined-pieces');
const lanes = testsOf('lanes');
const outbox = testsOf('outbox');
const records = testsOf('record-stream');
const heads = testsOf('request-stream');
const share = testsOf('read-share');
const signs = testsOf('signs-of-life');
const sweep = testsOf('stall-sweep');
const young = testsOf('young-reads');
const turn = testsOf('turn');
const pace = testsOf('reading-pace');
const waiting = testsOf('waiting-chunks');
const memory = testsOf('queued-memory');

const ACCEPT = 'transport/accept.ts';
const ADAPTER = 'transport/connection-adapter.ts';
const BACKLOG_LEDGER = 'admission/backlog-ledger.ts';
const BACKLOG_SHEDDER = 'transport/backlog-shedder.ts';
const BINARY_LEG = 'transport/binary-leg.ts';
const BYTE_THROTTLE = 'transport/byte-throttle.ts';
const CHART = 'machines/connection-machine.ts';
const CLOSING_STATES = 'machines/connection-closing.ts';
const EFFECTS = 'transport/connection-effects.ts';
const FRAME_STOP = 'transport/ws-frame-stop.ts';
const INPUT = 'transport/socket-input.ts';
const JOINED = 'transport/joined-pieces.ts';
const LIVENESS = 'transport/liveness.ts';
const MEMORY_GUARD = 'transport/memory-guard.ts';
const OUTBOX = 'transport/outbox.ts';
const PHONE_LEG = 'transport/phone-leg.ts';
const PINGS = 'transport/pings.ts';
const RECEPTION = 'transport/reception.ts';
const READER = 'transport/socket-reader.ts';
const READING_PACE = 'transport/reading-pace.ts';
const SOCKET_CLOSING = 'transport/socket-closing.ts';
const RECORD_STREAM = 'transport/record-stream.ts';
const REQUEST_STREAM = 'transport/request-stream.ts';
const SWEEP = 'transport/stall-sweep.ts';
const TURN = 'transport/turn.ts';
const WAITING = 'transport/waiting-chunks.ts';
const WRITE_CHUNKS = 'transport/write-chunks.ts';
const WAITING_READERS = 'transport/waiting-readers.ts';

const HANDSHAKE_TURNS =
  'of handshake records whose last bytes come all at once, a turn takes a few, in order of arrival';

const HIGH_MARK = pressure(
  'as a binary’s queue grows a phone is paused when its message exceeds the high mark, and not before',
);
const LOW_MARK = pressure(
  'as a binary’s queue shrinks its paused phones are resumed at the low mark, and not before',
);
const HELD_BY_SMALL =
  'chunks that wait hold at most twice what they are charged and one block: messages of 1 bytes, one a turn';
const HELD_BY_SLAB =
  'chunks that wait hold no more than that when Node’s shared slabs are of 64 KiB, as in newer versions';
const GONE_WHILE_PAUSED = pressure(
  'a paused phone that ends is forgotten: another that sends between the marks is not paused',
);
const SUSPENDED = (when: string): NamedTest =>
  pressure(`a paused phone is not pinged and has no heartbeat deadline, if it was paused ${when}`);
const QUEUE_MAX = 'the limit of a binary’s queue';
const HELD_UNTIL_ADMITTED = held(
  'the messages of one read are held until the claimant is admitted, and then forwarded in order',
);
const HELD_THEN_READ_ON = held(
  'after its first message a claimant is not read until it is admitted, and later messages follow in order',
);
const PHONE_BACKLOG: NamedTest = {
  file: 'test/integration/backpressure.test.ts',
  title: 'a slow phone its backlog is limited in bytes, plus 64 per frame, exact to the byte',
};
const HALF_CLOSED = 'a holder that has half-closed, with a write in progress';
const LARGEST = backlog(
  'when all connections together hold too much the one that holds most is closed, until the low mark, and no other',
);
const FEW = backlog(
  'when all connections together hold too much a few are closed in each turn, and no socket that floods is read until they are',
);
const LEDGER_WALK = backlog('the ledger is the sum over all connections after every step of a random walk');
const ANSWERED_CLOSE = closing('a peer’s close frame that answers ours ends TCP from our side');

export const TRANSPORT_MUTANTS: readonly TransportMutant[] = [
  ...mutants('Pausing and resuming', PHONE_LEG, [
    ['a queue at the high mark pauses', 'chargedBytes > highBytes', 'chargedBytes >= highBytes', HIGH_MARK],
    [
      'between the marks no other phone is paused',
      '!binary.pausedPhones.isEmpty || ',
      '',
      pressure('as a binary’s queue shrinks another phone that sends between the marks is paused too'),
    ],
    ['phones are resumed at the high mark', 'whenBelow(lowBytes', 'whenBelow(highBytes', LOW_MARK],
    [
      'phones are resumed one byte below the low mark',
      'whenBelow(lowBytes',
      'whenBelow(lowBytes - 1',
      LOW_MARK,
    ],
    ['phones are never resumed', '    phone.resume();\n', '', LOW_MARK],
    [
      'a phone is paused by each of its messages',
      'if (phone.pausedFor !== undefined || !isBackedUp || !binary.isWritable) return;',
      'if (!isBackedUp || !binary.isWritable) return;',
      pressure('as a binary’s queue grows a phone whose read contains more messages is paused once'),
    ],
    [
      'a binary that has left pauses phones',
      ' || !binary.isWritable) return;',
      ') return;',
      testsOf('faults')(
        'a phone that registers in grace is not paused for the queue of the binary that left',
      ),
    ],
    [
      'a phone does not record which binary paused it',
      '  phone.pausedFor = binary;\n',
      '',
      GONE_WHILE_PAUSED,
    ],
  ]),
  ...mutants('Pausing and resuming', EFFECTS, [
    [
      'a phone that has ended stays among the paused phones',
      '  adapter.pausedFor?.pausedPhones.remove(adapter);\n',
      '',
      GONE_WHILE_PAUSED,
    ],
    [
      'a phone that registers is not paused, however long the queue',
      '  if (binary !== undefined) pauseIfBackedUp(plane, adapter, binary);\n',
      '',
      pressure(
        'a phone that registers while the queue is above the high mark is paused before it sends anything',
      ),
    ],
    [
      'the phones of a binary that has ended stay paused',
      '      resumePhones(plane, adapter);\n',
      '',
      pressure('the phones of a binary with a long queue are resumed at once when it breaks the protocol'),
    ],
  ]),
  ...mutants('Pausing and resuming', 'transport/paused-phones.ts', [
    [
      'phones that have been resumed still count as paused',
      '    this.#phones = undefined;\n',
      '',
      pressure('as a binary’s queue shrinks a phone that sends is not paused once the queue is short'),
    ],
  ]),
  ...mutants('Pausing and resuming', ADAPTER, [
    [
      'a connection that is closing stays paused',
      '    this.reader.leave();\n    this.resume();\n',
      '    this.reader.leave();\n',
      pressure(
        'a paused phone that its binary dismisses is resumed, so that its answer to the close is read',
      ),
    ],
  ]),
  ...mutants('Pausing and resuming', READER, [
    [
      'a paused socket is still read',
      'if (this.#mustPause || this.#isQueued) this.#ws.pause();',
      'if (this.#isQueued) this.#ws.pause();',
      pressure('as a binary’s queue grows a paused phone is not read: what it sends stays in its socket'),
    ],
  ]),

  ...mutants('The limit of a binary’s queue', PHONE_LEG, [
    [
      'the last byte of the queue is not used',
      '> BINARY_QUEUE_MAX_BYTES',
      '>= BINARY_QUEUE_MAX_BYTES',
      pressure(
        `${QUEUE_MAX} is not exceeded: the phone whose message does not fit is closed, and its notice is lost if it does not fit either`,
      ),
    ],
  ]),
  ...mutants('The limit of a binary’s queue', BINARY_LEG, [
    [
      'a notice that just fits is lost',
      '<= BINARY_QUEUE_MAX_BYTES',
      '< BINARY_QUEUE_MAX_BYTES',
      pressure(`${QUEUE_MAX} admits a notice up to the last byte`),
    ],
    [
      'a notice to a closing binary counts as sent',
      'binary.isWritable && binary.outbox',
      'binary.outbox',
      closing('a notice to a half-closed holder is reported as lost'),
    ],
  ]),

  ...mutants('The limit of a phone’s backlog', BINARY_LEG, [
    [
      'the last byte of the backlog is not used',
      '> plane.phoneBacklogBytes',
      '>= plane.phoneBacklogBytes',
      PHONE_BACKLOG,
    ],
    [
      'a phone whose backlog is full stays connected',
      "    if (isTooLong) phone.chart.send({ type: 'backlog.overflowed', queue: 'phone' });\n",
      '',
      PHONE_BACKLOG,
    ],
  ]),

  ...mutants('The bound of all backlogs', BACKLOG_LEDGER, [
    ['the smallest goes first', 'keys.subarray(-count).reverse()', 'keys.subarray(-count)', LARGEST],
  ]),
  ...mutants('The bound of all backlogs', BACKLOG_SHEDDER, [
    [
      'everybody is closed',
      '      if (this.#ledger.totalBytes - goingBytes <= downToBytes) return true;\n',
      '',
      LARGEST,
    ],
    [
      'all that must go are closed in one turn',
      'shed < MOST_SHED_PER_TURN',
      'shed < 999 * MOST_SHED_PER_TURN',
      FEW,
    ],
    ['sockets that flood are read meanwhile', '    this.#turn.holdReaders(this);\n', '', FEW],
    [
      'one that has been cut is shed again',
      "if (state === 'cut' || account.bytes < leastBytes) continue;",
      'if (account.bytes < leastBytes) continue;',
      backlog(
        'when all connections together hold too much one that has been cut is passed over, and counted once',
      ),
    ],
  ]),
  ...mutants('The bound of all backlogs', CLOSING_STATES, [
    [
      'a closing connection is not cut',
      "    'backlog.shed': '.cut',\n    'socket.ended': [",
      "    'socket.ended': [",
      backlog('when all connections together hold too much one that is closing already is cut'),
    ],
  ]),
  ...mutants('The bound of all backlogs', RECEPTION, [
    [
      'an incomplete message is not charged',
      '    this.#input.settle();\n    this.charge();\n',
      '    this.#input.settle();\n',
      backlog('when all connections together hold too much an incomplete message counts'),
    ],
  ]),
  ...mutants('The bound of all backlogs', EFFECTS, [
    ['what has ended is charged for ever', '  adapter.account.close();\n', '', LEDGER_WALK],
  ]),
  ...mutants('The bound of all backlogs', PHONE_LEG, [
    [
      'phones are not paused earlier when memory is tight',
      'backlog.isTight ? TIGHT_MARKS : USUAL_MARKS',
      'backlog.isTight ? USUAL_MARKS : USUAL_MARKS',
      backlog(
        'above half of the limit a phone whose binary is slow is paused far below the usual mark, and nobody is closed',
      ),
    ],
  ]),
  ...mutants('The bound of all backlogs', MEMORY_GUARD, [
    [
      'above the watermark those that hold little go too',
      'leastBytes: SHED_LEAST_BYTES',
      'leastBytes: 1 + 0 * SHED_LEAST_BYTES',
      guard(
        'above the watermark nobody is let in and the largest backlogs go, but not the many that hold little',
      ),
    ],
  ]),
  ...mutants('A byte rate', BYTE_THROTTLE, [
    [
      'a phone is released although others have read meanwhile',
      'this.#waitMs(senders) > 0 ? undefined : senders.shares.serve(senders.waiting)',
      'senders.shares.serve(senders.waiting)',
      throttle(
        'the phones of a server-id share its rate, and are read in turn; its binary and other server-ids have their own',
      ),
    ],
  ]),
  ...mutants('A byte rate', READER, [
    [
      'the end of the wait for the byte rate ends the pause for the binary',
      '    this.#isThrottled = false;\n',
      '    this.#isThrottled = false;\n    this.#isPaused = false;\n',
      throttle('a phone that is also paused for its binary stays paused'),
    ],
  ]),

  ...mutants('Signs of life', LIVENESS, [
    [
      'nothing answers a heartbeat',
      '    if (this.#isHeartbeatOut) {\n',
      '    if (this.#isHeartbeatOut && bytes < 0) {\n',
      signs('a heartbeat is answered by a message'),
    ],
    [
      'nothing answers a probe',
      '    if (this.#isProbeOut) {\n',
      '    if (this.#isProbeOut && bytes < 0) {\n',
      signs('a probe is answered by a message of the holder: its pong may wait behind it'),
    ],
    [
      'no marks are written',
      'return this.#bytesSinceMark >= MARK_SPACING_BYTES;',
      'return false;',
      signs('marks follow each 120 KiB, between two chunks, and count up with the other pings'),
    ],
    [
      'a heartbeat is not taken for a mark',
      '    this.#bytesSinceMark = 0;\n    this.#port.ping',
      '    if (this.#bytesSinceMark >= MARK_SPACING_BYTES) this.#bytesSinceMark = 0;\n    this.#port.ping',
      signs('marks are not due soon after a heartbeat, which is one'),
    ],
    [
      'the chart of a closing connection is not told of answered marks',
      'else if (this.#isClosing &&',
      'else if (!this.#isClosing &&',
      signs('a phone that is closed has its time to answer again with each mark that it answers'),
    ],
    [
      'a pong that answers nothing new counts',
      'if (!this.#pings.readPong(payload)) this.#countUnasked();',
      'if (!this.#pings.readPong(payload) && !this.#isClosing) this.#countUnasked();',
      signs(
        'a phone that is closed is cut in time if it only goes on sending, or answers the same mark again',
      ),
    ],
  ]),
  ...mutants('Signs of life', ADAPTER, [
    [
      'an answered mark is no progress of a write',
      'return this.outbox.writesDone + this.liveness.pingsAnswered;',
      'return this.outbox.writesDone;',
      sweep('a write that does not complete is not reported while pongs show that the peer reads'),
    ],
  ]),
  ...mutants('Signs of life', PINGS, [
    [
      'a ping is answered by its number',
      "this.#outstanding.indexOf(payload.toString('latin1'))",
      "this.#outstanding.findIndex((text) => text.startsWith(payload.toString('latin1')))",
      sweep('a write that does not complete is reported although the peer guesses the payloads of its pings'),
    ],
  ]),
  ...mutants('Signs of life', SWEEP, [
    [
      'a peer that sends is given up as early as a silent one',
      'takenCount + bytesRead',
      'takenCount',
      sweep(
        'a write that does not complete is reported later if the peer sends: its pongs may wait behind its data',
      ),
    ],
    [
      'a peer that sends is never given up',
      ' || writeMs >= writeTimeoutMs + heartbeatTimeoutMs',
      '',
      sweep(
        'a write that does not complete is reported later if the peer sends: its pongs may wait behind its data',
      ),
    ],
  ]),
  ...mutants('Deadlines while paused', ADAPTER, [
    [
      'the chart is not told of a pause',
      "if (this.reader.pause()) this.chart.send({ type: 'socket.paused' });",
      'this.reader.pause();',
      SUSPENDED('after a pong'),
    ],
    [
      'the chart is not told that the pause is over',
      "if (this.reader.resume()) this.chart.send({ type: 'socket.resumed' });",
      'this.reader.resume();',
      pressure('a paused phone is closed for silence once it is resumed'),
    ],
  ]),
  ...mutants('Deadlines while paused', CHART, [
    [
      'the first heartbeat does not wait for the end of a pause',
      "      after: { firstHeartbeat: 'pinged' },\n      on: { 'socket.paused': 'suspended' },\n",
      "      after: { firstHeartbeat: 'pinged' },\n",
      SUSPENDED('before its first ping'),
    ],
    [
      'a later heartbeat does not wait for the end of a pause',
      "      after: { heartbeatInterval: 'pinged' },\n      on: { 'socket.paused': 'suspended' },\n",
      "      after: { heartbeatInterval: 'pinged' },\n",
      SUSPENDED('after a pong'),
    ],
    [
      'a paused phone must answer its ping in time',
      "on: { 'peer.heard': 'quiet', 'socket.paused': 'suspended' }",
      "on: { 'peer.heard': 'quiet' }",
      pressure('a paused phone is not closed for a ping sent before the pause'),
    ],
  ]),
  ...mutants('Deadlines while paused', SWEEP, [
    [
      'a paused socket must complete its message in time',
      '!adapter.isPaused && hasPartialMessage(ws)',
      'hasPartialMessage(ws)',
      sweep('a message that has begun has the whole timeout again after back-pressure has paused its socket'),
    ],
  ]),

  ...mutants('The stall sweep', SWEEP, [
    [
      'a silent peer must complete a message in time',
      '!adapter.isPaused && hasPartialMessage(ws)',
      '!adapter.isPaused',
      sweep('a silent connection is not reported'),
    ],
    [
      'the wait for a turn counts as silence',
      'nowMs - adapter.reader.waitedMs(nowMs)',
      'nowMs',
      sweep(
        'a message that has begun is not reported for the time its socket waited for a turn, but is reported afterwards',
      ),
    ],
    [
      'a ping within a message counts as progress',
      'isReading && hasPartialData(ws) ? messagesRead : messagesRead + controlFramesRead',
      'messagesRead + controlFramesRead',
      sweep(
        'a message that has begun is reported although its pings are answered: control frames do not count as progress',
      ),
    ],
    [
      'a connection with nothing to send must complete a write in time',
      'watch.silence, outbox.isWriting',
      'watch.silence, true',
      sweep('a silent connection is not reported'),
    ],
    [
      'a fault of one connection ends the sweep',
      'contain(plane.observer, () => {\n        hasStalled = sample(adapter, watchOf(adapter), timeouts, nowMs);\n      });',
      'hasStalled = sample(adapter, watchOf(adapter), timeouts, nowMs);',
      sweep('a connection on which the sweep throws is counted as a fault, and the others are swept'),
    ],
    [
      'a sweep goes over all connections in one turn',
      'swept < STALL_SWEEP_SLICE',
      'swept < Number.POSITIVE_INFINITY',
      sweep('many connections are swept a slice at a time, each once, and the loop turns in between'),
    ],
    [
      'stalls of many connections are reported in one turn, however long that takes',
      'if (hasStalled && performance.now() - nowMs >= STALL_SLICE_MS)',
      'if (false)',
      sweep(
        'stalls of many connections that take long are reported one after the other, with a rest between',
      ),
    ],
    [
      'a sweep begins before the last one has ended',
      '    if (isUnderWay) return;\n',
      '',
      sweep(
        'many connections that take longer than the interval are swept to the end before another sweep begins',
      ),
    ],
    [
      'a sweep runs before sockets are read',
      'setImmediate(sweepSlice, plane.adapters.values());',
      'sweepSlice(plane.adapters.values());',
      sweep('a message that has begun is not reported if bytes that arrived before the sweep complete it'),
    ],
    [
      'a sweep that is due runs after the end',
      'done === true || hasEnded',
      'done === true',
      sweep('no connection is swept after the end, when one is due'),
    ],
    [
      'a write that makes progress counts as stalled',
      'takenCount + bytesRead',
      '0',
      sweep('a write of a long message is not reported while its fragments are written in time'),
    ],
  ]),
  ...mutants('The stall sweep', READER, [
    [
      'a wait for a turn starts again when the socket is read',
      'if (!isQueuedAlready) this.#queuedAtMs = performance.now();',
      'this.#queuedAtMs = performance.now();',
      sweep(
        'a message that has begun is not reported for the time its socket waited for a turn, but is reported afterwards',
      ),
    ],
    [
      'a completed wait for a turn is not subtracted',
      '    this.#waitedMs = this.waitedMs(performance.now());\n',
      '',
      sweep(
        'a message that has begun is not reported for the time its socket waited for a turn, but is reported afterwards',
      ),
    ],
  ]),

  ...mutants('The bound of all backlogs', READING_PACE, [
    [
      'sockets that flood do not rest while memory is short',
      'if (this.#isShort())',
      'if (false)',
      turn('while memory is short the sockets that wait are read again after a rest, and not before'),
    ],
  ]),
  ...mutants('The bound of all backlogs', TURN, [
    [
      'a turn of others ends the rest',
      ' || this.#isResting ||',
      ' ||',
      turn('while memory is short the sockets that wait are read again after a rest, and not before'),
    ],
  ]),
  ...mutants('Memory of what is queued', OUTBOX, [
    [
      'what was written keeps its memory',
      '    for (const block of chunk.blocks) queuedBlocks.give(block);\n    this.#charge(-chunk.charge);',
      '    this.#charge(-chunk.charge);',
      memory(
        'no peer gets a byte of another, and all memory is given back, whatever is taken, fails or is dropped',
      ),
    ],
    [
      'memory is used again while the network reads it',
      '    this.#inFlight = chunk;\n',
      '    this.#inFlight = { ...chunk, blocks: [] };\n    for (const block of chunk.blocks) queuedBlocks.give(block);\n',
      memory(
        'no peer gets a byte of another, and all memory is given back, whatever is taken, fails or is dropped',
      ),
    ],
  ]),
  ...mutants('Memory of what is queued', WAITING, [
    [
      'what is dropped keeps its memory',
      '    for (const { blocks } of dropped) for (const block of blocks) queuedBlocks.give(block);\n',
      '',
      memory(
        'no peer gets a byte of another, and all memory is given back, whatever is taken, fails or is dropped',
      ),
    ],
    [
      'chunks that are joined forget whose memory they are in',
      '    for (const block of blocks) this.blocks.push(block);\n',
      '',
      memory(
        'no peer gets a byte of another, and all memory is given back, whatever is taken, fails or is dropped',
      ),
    ],
  ]),
  ...mutants('Memory of what is queued', WRITE_CHUNKS, [
    [
      'the memory of one chunk is given back with the next, too',
      '    this.#blocks = undefined;\n',
      '',
      memory(
        'no peer gets a byte of another, and all memory is given back, whatever is taken, fails or is dropped',
      ),
    ],
  ]),
  ...mutants('Memory of what is queued', OUTBOX, [
    [
      'what waits for a slow peer stays in what was read',
      'this.#waiting.keep(isSlow)',
      'this.#waiting.keep(false)',
      outbox(
        'what is queued is copied, even if it is large, once the network has not taken what came before',
      ),
    ],
    [
      'what is about to be written is copied',
      'this.#waiting.keep(isSlow)',
      'this.#waiting.keep(true)',
      outbox('what is queued is not copied, if it is large, when it waits for what came in the same turn'),
    ],
  ]),
  ...mutants('Memory of what is read', JOINED, [
    [
      'memory is used again under a message that is in it',
      '    this.#isCopiedOut &&= areCopiedOut;\n',
      '',
      joined('memory is used again only if all that was in it has been copied out'),
    ],
    [
      'memory is used again under what is still to be read',
      'this.#isCopiedOut && pieces.every(({ buffer }) => buffer !== this.#storage.buffer)',
      'this.#isCopiedOut',
      joined('memory is not used again while a part of it is in the list'),
    ],
    [
      'all that a large message took is kept for the next one',
      'isFree && this.#storage.length <= REUSED_PIECE_BYTES',
      'isFree',
      joined('more memory than a read takes is not kept for the next message'),
    ],
    [
      'what each read leaves is in memory of its own',
      '    if (isFree && this.#storage.length <= REUSED_PIECE_BYTES) this.#used = 0;\n    else this.#forget();',
      '    this.#forget();',
      input(
        'of a stream without a pause what one read leaves of a message is in the same memory as what the one before left',
      ),
    ],
    [
      'storage that is outgrown is not counted',
      '    this.#outgrownBytes += this.#storage.length - this.#used + movedBytes;\n',
      '',
      joined('no more memory is kept than the pieces and the spare bytes say, whatever comes'),
    ],
  ]),
  ...mutants('Memory of what is read', ADAPTER, [
    [
      'the memory of what was dropped is kept until the socket ends',
      'if (this.reader.discard()) this.reception.settle();\n    else this.reception.charge();\n',
      'this.reader.discard();\n    this.reception.charge();\n',
      frames('nor does memory stay that the begin of a message took, if a connection is cut'),
    ],
  ]),
  ...mutants('Memory of what is read', INPUT, [
    [
      'room for more is not counted',
      ' + (this.#unparsed?.spareBytes ?? 0)',
      '',
      input('of a stream without a pause that memory is counted'),
    ],
    [
      'memory of whole messages is used again',
      'isWithinPayload(receiver)',
      'true',
      input('of a stream without a pause a message that waited whole to be parsed stays as it was'),
    ],
  ]),
  ...mutants('What was read is freed young', OUTBOX, [
    [
      'a list of queued messages keeps them',
      '      forgetEntries(fresh);\n',
      '',
      young('a read is freed young, wherever its messages begin'),
    ],
  ]),
  ...mutants('What was read is freed young', FRAME_STOP, [
    [
      'a list of fragments keeps the message',
      '    if (receiver._fragments !== fragments) forgetEntries(fragments);\n',
      '',
      young('a read is freed young, wherever its messages begin'),
    ],
    [
      'an old list of reads is added to',
      '    this.#renewBuffers();\n',
      '',
      young('a read is freed young, wherever its messages begin'),
    ],
  ]),

  ...mutants('Turns and lanes', READER, [
    [
      'a whole read is begun in a turn that has brought enough',
      'if (this.#turn.isOver)',
      'if (false)',
      share('whole reads are not even begun once all sockets together have brought what a turn may'),
    ],
    [
      'only whole reads wait in a turn that has brought enough',
      'readBytes < MIN_WAITING_BYTES ||',
      'readBytes < READ_SHARE_BYTES ||',
      share(
        'once all sockets together have brought what a turn may, short reads are begun, and longer ones wait',
      ),
    ],
    [
      'a socket that waits for a turn is read once more',
      '    stopReading(this.#socket);\n',
      '',
      share('one socket holds no further read while it waits: Node would read once more after a pause'),
    ],
    [
      'a socket that is paused while it waits is not read again',
      '    startReading(this.#socket);\n    if (this.#mustPause) return false;\n',
      '    if (this.#mustPause) return false;\n    startReading(this.#socket);\n',
      share(
        'one socket is read by Node after its turn even if it is paused by then, so that a reset is noticed',
      ),
    ],
    [
      'the share is one byte larger',
      'this.#readBytes >= READ_SHARE_BYTES',
      'this.#readBytes > READ_SHARE_BYTES',
      share('one socket has a new share in each turn'),
    ],
    [
      'bytes read in the last turn count in this one',
      '    this.#readBytes = 0;\n',
      '',
      share('one socket has a new share in each turn'),
    ],
    [
      'a resumed socket does not wait for a turn',
      '    this.#isPaused = false;\n    this.#awaitTurn();\n',
      '    this.#isPaused = false;\n    this.#apply();\n',
      lanes('phones that are resumed together are read one per turn'),
    ],
    [
      'a socket that is read while it waits gets a second turn',
      '    if (isQueuedAlready) return;\n',
      '',
      lanes(
        'of several sockets that have read their share one that is read while it waits gets no second turn',
      ),
    ],
    [
      'a paused socket uses up the turn of its lane',
      '    if (this.#mustPause) return false;\n',
      '    if (this.#mustPause) return true;\n',
      lanes(
        'of several sockets that have read their share one that is paused or closed in the meantime passes its turn to the next',
      ),
    ],
    [
      'the share is one frame larger',
      'this.#readFrames >= share',
      'this.#readFrames > share',
      frames('of the frames that one read brings a share is parsed at once, and another in each turn'),
    ],
    [
      'all sockets together bring as many frames as they like',
      'this.#turn.addFrame() ? MIN_WAITING_FRAMES : READ_SHARE_FRAMES',
      'READ_SHARE_FRAMES',
      share(
        'sockets that bring less than a share each are stopped once all together have brought what a turn may',
      ),
    ],
    [
      'frames parsed in the last turn count in this one',
      '    this.#readFrames = 0;\n',
      '',
      frames('of the frames that one read brings a share is parsed at once, and another in each turn'),
    ],
    [
      'a pause does not stop between frames',
      'return !this.#isQueued && !this.#mustPause;',
      'return !this.#isQueued;',
      frames('a pause stops between two frames of one read, and what is left comes after it'),
    ],
    [
      'a paused socket whose TCP has ended is never finished',
      'return this.isPaused && !this.#hasEnded;',
      'return this.isPaused;',
      frames('a pause does not hide that TCP has ended'),
    ],
    [
      'closing connections take the turns of their server-id',
      '    this.#address = LEAVING_ADDRESS;\n    this.#lane = LEAVING_LANE;\n',
      '',
      lanes(
        'of several sockets that have read their share closing connections share one lane, and no other connection waits for them',
      ),
    ],
  ]),
  ...mutants('Turns and lanes', SOCKET_CLOSING, [
    [
      'the end of TCP overtakes what is left to parse',
      '    if (!this.#hasToldClose && this.#owner.isHolding) return;\n',
      '',
      frames('before the end that the same read brings, all frames are forwarded before a reset'),
    ],
  ]),
  ...mutants('Turns and lanes', ADAPTER, [
    [
      'each phone has its own lane',
      "role === 'phone' ? serverId : ws;",
      'ws;',
      lanes(
        'of several sockets that have read their share one phone of a server-id is resumed in each turn, longest waiting first',
      ),
    ],
  ]),
  ...mutants('Turns and lanes', ACCEPT, [
    [
      'bytes that are read are not counted',
      '  adapter.reader.count(Math.max(chunk.length, MIN_READ_COUNT_BYTES));\n',
      '',
      share('bytes count even if they are dropped: a binary that floods waits for the next turn too'),
    ],
  ]),
  ...mutants('Turns and lanes', WAITING_READERS, [
    [
      'a whole lane is resumed at once',
      'if (reader.takeTurn()) return true;',
      'reader.takeTurn();',
      turn('at the end of a turn one reader of each lane takes a turn, and the next reader in the next turn'),
    ],
    [
      'the last reader to queue is resumed first',
      'queue.readers.push(reader);',
      'queue.readers.unshift(reader);',
      lanes(
        'of several sockets that have read their share one phone of a server-id is resumed in each turn, longest waiting first',
      ),
    ],
    [
      'a reader that throws ends the turn of its lane',
      '        this.#failed(error);\n',
      '        this.#failed(error);\n        return false;\n',
      turn('a fault of one reader is reported, and the next in its lane gets its turn'),
    ],
    [
      'a lane that waits again is resumed again',
      '      if (queue.servedIn === this.#turn) return false;\n',
      '',
      turn('of waiting readers a lane has one turn at most, however much room is left'),
    ],
    [
      'an address is served before others until it has had its turns',
      '      this.#addresses.delete(address);\n      if (lanes.size > 0)',
      '      if (lanes.size === 0) this.#addresses.delete(address);\n      else',
      turn('of waiting readers an address with many lanes does not delay one with a single lane'),
    ],
    [
      'a turn has room for all',
      'left > 0 && ',
      '',
      turn('of waiting readers each turn resumes as many as there may be in one'),
    ],
  ]),
  ...mutants('Turns and lanes', READING_PACE, [
    [
      'a crowd is read as fast as a few',
      'if (lanes < CROWD_LANES)',
      'if (true)',
      turn(
        'while many wait they are read one at a time, with rests that begin when reading has taken its time',
      ),
    ],
    [
      'a crowd rests after each read, however little it brought',
      'if (nowMs - this.#readingSinceMs < CROWD_READ_MS) return ONE;\n',
      '',
      pace('of a crowd, one is read in a turn, and none for a while when reading has taken its time'),
    ],
    [
      'the time of a rest counts as reading',
      '    this.interrupt();\n    return REST;',
      '    return REST;',
      pace('the time of a rest is not counted as reading'),
    ],
  ]),
  ...mutants('Turns and lanes', WAITING_READERS, [
    [
      'a lane in which nobody waits any more counts',
      '      else this.#laneCount--;\n',
      '',
      turn('while many wait those that have had their turn are no part of the crowd'),
    ],
  ]),
  ...mutants('Turns and lanes', READER, [
    [
      'a short message waits for all long reads of its turn',
      '    this.#turn.writeShort();\n',
      '',
      frames(
        'a short message that came first is written before a long read is parsed, and not after the turn',
      ),
    ],
  ]),
  ...mutants('Turns and lanes', TURN, [
    [
      'time in which nobody may be read counts as reading',
      '      this.#pace.interrupt();\n',
      '',
      turn('writing that takes long and never ends does not keep a crowd from being read'),
    ],
    [
      'what is long is written in front of a long read too',
      'if (outbox.isLong === false) this.#flushOne(outbox);',
      'if (outbox.isLong !== undefined) this.#flushOne(outbox);',
      turn('in front of a long read what is short is written at once, and nothing else'),
    ],
    [
      'an outbox that throws ends the turn',
      '    } catch (error) {\n      this.#failed(error);\n    }\n  }\n\n  #rest(',
      '    } catch (error) {\n      this.#failed(error);\n      throw error;\n    }\n  }\n\n  #rest(',
      turn('a fault of one outbox is reported, and the other outboxes and readers get their turn'),
    ],
    [
      'a turn writes all there is, however long it takes',
      'this.#nowMs() - startMs >= TURN_WRITE_MS',
      'false',
      turn(
        'writing that takes long comes after all that is short, and those that are left are first in the next turn',
      ),
    ],
    [
      'short ones wait behind long ones',
      'outbox.isLong === true',
      'true',
      turn(
        'writing that takes long comes after all that is short, and those that are left are first in the next turn',
      ),
    ],
    [
      'what is long is read while writes are left',
      'if (this.#isBehind || this.#holders.size > 0) return true;',
      'if (this.#holders.size > 0) return true;',
      turn('writing that takes long keeps those that wait from being read until nothing is left'),
    ],
  ]),

  ...mutants('Request heads', REQUEST_STREAM, [
    [
      'a head takes no turn',
      '    this.#turns.add(this.#parse);\n',
      '    this.#parse();\n',
      heads('of heads that come together, one waits for the next turn'),
    ],
    [
      'an end overtakes a head that waits',
      '    if (this.#lastPart === undefined) this.push(null);\n',
      '    this.push(null);\n',
      heads('an end behind a head that waits comes after it'),
    ],
    [
      'a head that is closed keeps its turn',
      '    this.#turns.remove(this.#parse);\n',
      '',
      heads('one that is closed while it waits gives its turn to the next'),
    ],
  ]),

  ...mutants('TLS records', RECORD_STREAM, [
    [
      'all that was read is decrypted at once',
      '? 1 : TLS_SLICE_RECORDS)',
      '? 1 : chunk.length)',
      records('of a flood of records without data, one slice is decrypted, and then the connection is cut'),
    ],
    [
      'a slice that had one does not end the turn',
      '(barren > 0 || this.#isOpening)',
      '(barren > TLS_SLICE_RECORDS || this.#isOpening)',
      records('with a record without data in each slice, a turn decrypts one slice'),
    ],
    [
      'a connection that was ended is still decrypted',
      'reader === undefined || reader.writableEnded',
      'reader === undefined',
      records('once TLS has ended, nothing more is decrypted, and the end of TCP is still seen'),
    ],
    [
      'a pause does not keep what was read',
      'this.#chunk !== undefined && this.readableFlowing && this.#isComplete',
      'this.#chunk !== undefined && this.#isComplete',
      records('what follows a pause is decrypted when that ends, and TCP waits meanwhile'),
    ],
    [
      'handshake records take no turn',
      'if (!this.#hasTurn) {',
      'if (this.#isForeign === true && !this.#hasTurn) {',
      records(HANDSHAKE_TURNS),
    ],
    [
      'a part of a handshake record takes its turn',
      '    return this.#isForeign === true || !this.#records.isBetween ||',
      '    return chunk.length > 0 ||',
      records(HANDSHAKE_TURNS),
    ],
    [
      'a turn is good for all handshake records of a read',
      '        this.#hasTurn = false;\n      }\n',
      '      }\n',
      records('of handshake records of one connection, each takes a turn'),
    ],
    [
      'a closed connection keeps its turn',
      '    this.#turns.remove(this.#takeTurn);\n',
      '',
      records('of handshake records one that is closed while it waits gives its turn to the next'),
    ],
    [
      'what is no TLS takes no turns',
      'return this.#isForeign === true || (',
      'return (',
      records(
        'of handshake records of what is no TLS, each read takes a turn: OpenSSL finds a hello in it, but no record is known to end',
      ),
    ],
    [
      'a request head is decrypted at once',
      '(barren > 0 || this.#isOpening)',
      'barren > 0',
      records('before the upgrade a turn decrypts one slice, whatever is in it'),
    ],
    [
      'a request head may have any number of records',
      'this.#isOpening && this.#records.ended > MAX_OPENING_RECORDS',
      'false',
      records('before the upgrade a request head in very many records is not read to its end'),
    ],
  ]),
  ...mutants('Broken envelopes', BINARY_LEG, [
    [
      'a binary that sends only broken envelopes stays',
      'if (binary.addedBrokenEnvelope())',
      'if (Number.isNaN(performance.now()))',
      broken('a binary gains nothing by valid ones in between'),
    ],
  ]),

  ...mutants('Closing', SOCKET_CLOSING, [
    [
      'the end of TCP is taken for a close frame, and what was read before is dropped',
      '    if (!this.#hasToldClose && this.#owner.isHolding) return;\n',
      '',
      frames(
        'before the end that the same read brings, all frames are forwarded before a reset of a binary, though its phone sends meanwhile',
      ),
    ],
    [
      'the answer to our close frame is not noticed',
      '? this.#socket.writableEnded',
      '? false',
      ANSWERED_CLOSE,
    ],
    [
      'a closing socket is not read until its peer has ended TCP',
      '    this.#socket.end();\n',
      '    this.#socket.destroySoon();\n',
      ANSWERED_CLOSE,
    ],
    [
      'a close frame that crossed ours is not noticed',
      '      // The two close frames may have crossed.\n      this.notePeerClosed();\n',
      '',
      closing('a peer’s close frame that crosses ours ends TCP from our side as well'),
    ],
    [
      'a close of a closing socket waits for the peer',
      'Nothing may follow that.\n      this.notePeerClosed();\n',
      'Nothing may follow that.\n',
      closing('a half-closed phone is not waited for when the relay closes it'),
    ],
    [
      'the chart is not told that the close frame was written',
      '      written();\n',
      '',
      closing('a peer has 5 s to answer, counted from when the close frame was written'),
    ],
  ]),
  ...mutants('Closing', ADAPTER, [
    [
      'a probe does not notice that the holder is closing',
      '    else this.closing.notePeerClosed();\n',
      '',
      closing(`${HALF_CLOSED} is replaced at once by a claimant: the probe finds it closed`),
    ],
    [
      'a frame that was cut with its socket counts as forwarded',
      'done(!error && !this.#socket.destroyed)',
      'done(!error)',
      closing('a frame that is cut with its socket is not counted as forwarded'),
    ],
    [
      'a close keeps the backlog',
      'written: () => void): boolean {\n    this.outbox.discard();\n',
      'written: () => void): boolean {\n',
      closing('a close frame overtakes the backlog of a phone that is closed for not reading'),
    ],
  ]),
  ...mutants('Closing', ACCEPT, [
    [
      'a close frame is noticed only when TCP ends',
      '  adapter.closing.notePeerClosed();\n  adapter.liveness',
      '  adapter.liveness',
      closing('a peer’s close frame is acted on at once, though the peer keeps TCP open'),
    ],
  ]),
  ...mutants('Closing', EFFECTS, [
    [
      'the adapter of an ended connection is kept',
      '  plane.adapters.delete(connId);\n',
      '',
      closing('a connection that has ended is forgotten'),
    ],
  ]),
  ...mutants('Closing', PHONE_LEG, [
    [
      'a frame for a holder that is closing is swallowed',
      'if (binary === undefined || binary.isWritable) return binary;',
      'if (binary !== undefined) return binary;',
      closing(
        `${HALF_CLOSED} takes no frame: the phone that sends one is closed with 4404, and grace begins`,
      ),
    ],
    [
      'a phone’s frame does not notice that the holder is closing',
      '  binary.closing.notePeerClosed();\n',
      '',
      closing(
        `${HALF_CLOSED} takes no frame: the phone that sends one is closed with 4404, and grace begins`,
      ),
    ],
  ]),
  ...mutants('Closing', BINARY_LEG, [
    [
      'an envelope does not notice that its phone is closing',
      '  phone.closing.notePeerClosed();\n',
      '',
      closing('a phone that has half-closed, with a write in progress, leaves when a frame is sent to it'),
    ],
  ]),

  ...mutants('Messages held for a claimant', BINARY_LEG, [
    [
      'a claimant’s messages are dropped',
      '    binary.hold({ data: message, isBinary });\n',
      '',
      HELD_UNTIL_ADMITTED,
    ],
  ]),
  ...mutants('Messages held for a claimant', RECEPTION, [
    [
      'a claimant’s first message is not held',
      'this.#held ??= { data: ownBytes(data), isBinary };',
      '',
      HELD_UNTIL_ADMITTED,
    ],
  ]),
  ...mutants('Messages held for a claimant', ADAPTER, [
    ['a claimant is read after its first message', '    this.reader.pause();\n', '', HELD_THEN_READ_ON],
  ]),
  ...mutants('Messages held for a claimant', EFFECTS, [
    [
      'held messages are not released',
      'if (message !== undefined) readMessage(plane, binary, message);',
      '',
      HELD_UNTIL_ADMITTED,
    ],
    ['an admitted claimant is not resumed', '  binary.resume();\n', '', HELD_THEN_READ_ON],
    [
      'what follows the held message is read before it',
      '  const message = binary.reception.takeHeld();\n',
      '  binary.resume();\n  binary.reader.takeTurn();\n  const message = binary.reception.takeHeld();\n',
      held('a held message that is rejected closes its claimant before the next is read'),
    ],
  ]),

  ...mutants('Turns and lanes', TURN, [
    [
      'a turn parses for as long as its counts allow',
      'this.#nowMs() - this.#parsingSinceMs >= TURN_PARSE_MS',
      'false',
      turn(
        'parsing that takes long ends a turn: who waits is read in later ones, and each comes to its turn',
      ),
    ],
  ]),
  ...mutants('The outbox', OUTBOX, [
    [
      'a write begins before the last one has completed',
      '    if (this.#inFlight !== undefined) return;\n',
      '',
      outbox('the socket gets one write at a time, and the next one when that has completed'),
    ],
    [
      'a discard keeps what has been laid out',
      '    this.#fresh = [];\n    this.#waiting.clear();\n',
      '    this.#fresh = [];\n',
      outbox('what is dropped by a discard is everything except the write in progress'),
    ],
    [
      'a discard forgets the write in progress',
      'this.#charge((this.#inFlight?.charge ?? 0) - this.#chargedBytes);',
      'this.#charge(-this.#chargedBytes);',
      outbox('what is dropped by a discard is everything except the write in progress'),
    ],
    [
      'written chunks stay charged',
      '    this.#charge(-chunk.charge);\n',
      '',
      outbox(
        'the charge counts each message and its overhead from when it is queued until it has been written',
      ),
    ],
    [
      'the relay’s own messages overtake those of the same turn',
      'this.#fresh.push(message);',
      'if (message.isForwarded) this.#fresh.push(message);\n    else this.#fresh.unshift(message);',
      closing(
        'a phone’s close notice is queued with the relay’s decision to close the phone, also after its last frame',
      ),
    ],
    [
      'a mark is reached one byte below it',
      'this.#chargedBytes <= bytes',
      'this.#chargedBytes < bytes',
      outbox(
        'a callback for a mark is called once, when no more than that is charged, or at once if that is true already',
      ),
    ],
    [
      'a failed write counts as done',
      '    if (!isTaken) {\n      this.discard();\n      return;\n    }\n',
      '',
      outbox('what is dropped after a failed write is the rest of the backlog, which is not counted'),
    ],
    [
      'what waits stays where it was laid out',
      '      this.#waiting.keep(isSlow);\n',
      '',
      outbox('the socket gets the small messages of several turns in one write'),
    ],
  ]),
  ...mutants('The outbox', WAITING, [
    [
      'a write may be larger than a chunk',
      'this.#last === undefined || this.#last.bytes + chunk.bytes > WRITE_CHUNK_BYTES',
      'this.#last === undefined',
      outbox('the socket never gets more than one chunk per write'),
    ],
    [
      'a later turn overtakes an earlier one',
      'for (const chunk of chunks) this.#chunks.push(chunk);',
      'this.#chunks.splice(this.#next, 0, ...chunks);',
      outbox('what is queued keeps its order across many turns while one write stalls'),
    ],
    [
      'small frames that wait hold a shared slab each',
      'part.length < COPIED_BODY_BYTES || (isWhole && !isOfBlock(part, blocks))',
      'isWhole && !isOfBlock(part, blocks)',
      waiting(HELD_BY_SMALL),
    ],
    [
      'small frames that wait are copied into shared slabs',
      'Buffer.allocUnsafeSlow(',
      'Buffer.allocUnsafe(',
      waiting(HELD_BY_SMALL),
    ],
    [
      'each small frame that waits has a block',
      'if (this.#to === this.#block.length)',
      'if (this.#to === this.#block.length || from === 0)',
      waiting(HELD_BY_SMALL),
    ],
    [
      'a long queue holds what has been written of it',
      '    this.#chunks[this.#next] = TAKEN;\n',
      '',
      waiting('chunks that wait are not held once they have been taken, though others still wait'),
    ],
    [
      'a chunk that is being written still grows',
      '    if (chunk === this.#last) this.#last = undefined;\n',
      '',
      waiting(
        'chunks that wait come out in order, each at most one write, charged and counted in full, whenever they are taken',
      ),
    ],
  ]),
  ...mutants('The outbox', WRITE_CHUNKS, [
    [
      'large copies may lie in a shared slab',
      'const block = queuedBlocks.take(bytes);',
      'return Buffer.allocUnsafe(bytes);\n    const block = queuedBlocks.take(bytes);',
      waiting(HELD_BY_SLAB),
    ],
  ]),
];
