/**
 * Faults to plant in the data plane, each with the test that must fail for it. A fault whose text is gone from the source
 * fails the suite: then it must be written anew, not dropped.
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
const closing = testsOf('closing');
const held = testsOf('held-messages');
const lanes = testsOf('lanes');
const outbox = testsOf('outbox');
const share = testsOf('read-share');
const sweep = testsOf('stall-sweep');
const turn = testsOf('turn');

const ADAPTER = 'transport/connection-adapter.ts';
const BINARY_LEG = 'transport/binary-leg.ts';
const CHART = 'machines/connection-machine.ts';
const EFFECTS = 'transport/connection-effects.ts';
const OUTBOX = 'transport/outbox.ts';
const PHONE_LEG = 'transport/phone-leg.ts';
const READER = 'transport/socket-reader.ts';
const SWEEP = 'transport/stall-sweep.ts';
const TURN = 'transport/turn.ts';

const HIGH_MARK = pressure(
  'as the queue of a binary grows the phone that takes it above the high mark is paused, and not before',
);
const LOW_MARK = pressure(
  'as the queue of a binary shrinks its paused phones are read again at the low mark, and not before',
);
const GONE_WHILE_PAUSED = pressure(
  'a paused phone that goes is forgotten: another that speaks between the marks is not paused',
);
const SUSPENDED = (when: string): NamedTest =>
  pressure(`a paused phone is not pinged and has no heartbeat deadline, if it was paused ${when}`);
const QUEUE_MAX = 'the most that a binary’s queue may hold';
const HELD_UNTIL_ADMITTED = held(
  'the messages of one read are held until it is admitted, and then read in order',
);
const HELD_THEN_READ_ON = held(
  'after its first message it is not read until it is admitted, and what it says then comes after that',
);
const PHONE_BACKLOG: NamedTest = {
  file: 'test/integration/backpressure.test.ts',
  title: 'a slow phone its backlog is limited in bytes, plus 64 per frame, exact to the byte',
};
const HALF_CLOSED = 'a holder that has half-closed, with a write under way';
const ANSWERED_CLOSE = closing('a peer’s close frame that answers ours ends TCP from our side');

export const TRANSPORT_MUTANTS: readonly TransportMutant[] = [
  ...mutants('Pausing and resuming', PHONE_LEG, [
    ['a queue at the high mark pauses', '> BINARY_QUEUE_HIGH_BYTES', '>= BINARY_QUEUE_HIGH_BYTES', HIGH_MARK],
    [
      'between the marks nobody else is paused',
      'binary.pausedPhones.size > 0 || ',
      '',
      pressure('as the queue of a binary shrinks another phone that speaks between the marks is paused too'),
    ],
    [
      'phones are resumed at the high mark',
      'whenBelow(BINARY_QUEUE_LOW_BYTES',
      'whenBelow(BINARY_QUEUE_HIGH_BYTES',
      LOW_MARK,
    ],
    [
      'phones are resumed one byte below the low mark',
      'whenBelow(BINARY_QUEUE_LOW_BYTES',
      'whenBelow(BINARY_QUEUE_LOW_BYTES - 1',
      LOW_MARK,
    ],
    ['phones are never resumed', '    phone.resume();\n', '', LOW_MARK],
    [
      'phones that have been resumed still count as paused',
      '  binary.pausedPhones.clear();\n',
      '',
      pressure('as the queue of a binary shrinks nobody who speaks is paused any more once it is short'),
    ],
    [
      'a phone is paused by each of its messages',
      'if (phone.isPaused || !isBackedUp) return;',
      'if (!isBackedUp) return;',
      pressure('as the queue of a binary grows a phone whose read brings more messages is paused once'),
    ],
    ['a phone does not know for whom it is paused', '  phone.pausedFor = binary;\n', '', GONE_WHILE_PAUSED],
  ]),
  ...mutants('Pausing and resuming', EFFECTS, [
    [
      'a phone that goes stays among the paused',
      '  adapter.pausedFor?.pausedPhones.delete(adapter);\n',
      '',
      GONE_WHILE_PAUSED,
    ],
    [
      'a phone that registers is read, however long the queue',
      '  if (binary !== undefined) pauseIfBackedUp(plane, adapter, binary);\n',
      '',
      pressure(
        'a phone that registers while the queue is above the high mark is paused before it says anything',
      ),
    ],
    [
      'the phones of a binary that has gone stay paused',
      '      resumePhones(adapter);\n',
      '',
      pressure('the phones of a binary with a long queue are read again at once when it breaks the protocol'),
    ],
  ]),
  ...mutants('Pausing and resuming', ADAPTER, [
    [
      'a connection that is closing stays paused',
      '    this.reader.leave();\n    this.resume();\n',
      '    this.reader.leave();\n',
      pressure(
        'a paused phone that its binary dismisses is read again, so that its answer to the close is seen',
      ),
    ],
  ]),
  ...mutants('Pausing and resuming', READER, [
    [
      'a paused socket is read on',
      'if (this.#isPaused || this.#isQueued) this.#ws.pause();',
      'if (this.#isQueued) this.#ws.pause();',
      pressure(
        'as the queue of a binary grows a paused phone is not read: what it sends stays in its socket',
      ),
    ],
  ]),

  ...mutants('The most that may wait for a binary', PHONE_LEG, [
    [
      'the last byte of the queue is not used',
      '> BINARY_QUEUE_MAX_BYTES',
      '>= BINARY_QUEUE_MAX_BYTES',
      pressure(
        `${QUEUE_MAX} is not exceeded: the phone whose message does not fit is closed, and its binary told`,
      ),
    ],
  ]),
  ...mutants('The most that may wait for a binary', BINARY_LEG, [
    [
      'a notice that just fits is lost',
      '<= BINARY_QUEUE_MAX_BYTES',
      '< BINARY_QUEUE_MAX_BYTES',
      pressure(`${QUEUE_MAX} leaves room for a notice up to its last byte`),
    ],
    [
      'a notice that nobody will take counts as sent',
      'binary.isWritable && binary.outbox',
      'binary.outbox',
      closing('the notice for a holder that has half-closed is lost, and known to be'),
    ],
  ]),

  ...mutants('The most that may wait for a phone', BINARY_LEG, [
    [
      'the last byte of the backlog is not used',
      '> plane.phoneBacklogBytes',
      '>= plane.phoneBacklogBytes',
      PHONE_BACKLOG,
    ],
    [
      'a phone whose backlog is full stays',
      "    if (isTooLong) phone.chart.send({ type: 'backlog.overflowed', queue: 'phone' });\n",
      '',
      PHONE_BACKLOG,
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
      pressure('a paused phone is closed for silence once it is read again'),
    ],
  ]),
  ...mutants('Deadlines while paused', CHART, [
    [
      'the first heartbeat does not wait for the end of a pause',
      "      after: { firstHeartbeat: 'awaitingPong' },\n      on: { 'socket.paused': 'suspended' },\n",
      "      after: { firstHeartbeat: 'awaitingPong' },\n",
      SUSPENDED('before its first ping'),
    ],
    [
      'a later heartbeat does not wait for the end of a pause',
      "      after: { heartbeatInterval: 'awaitingPong' },\n      on: { 'socket.paused': 'suspended' },\n",
      "      after: { heartbeatInterval: 'awaitingPong' },\n",
      SUSPENDED('after a pong'),
    ],
    [
      'a pong is waited for though it cannot be seen',
      "on: { 'pong.received': 'quiet', 'socket.paused': 'suspended' }",
      "on: { 'pong.received': 'quiet' }",
      pressure('a paused phone is not closed for a ping that it was sent before the pause'),
    ],
  ]),
  ...mutants('Deadlines while paused', SWEEP, [
    [
      'a message is expected of a paused socket',
      '!adapter.isPaused && hasPartialMessage(ws)',
      'hasPartialMessage(ws)',
      sweep('a message that has begun has its whole time again after back-pressure has paused its socket'),
    ],
  ]),

  ...mutants('The stall sweep', SWEEP, [
    [
      'a message is expected of a silent peer',
      '!adapter.isPaused && hasPartialMessage(ws)',
      '!adapter.isPaused',
      sweep('a connection that is silent stays'),
    ],
    [
      'the wait for a turn counts as silence',
      'nowMs - adapter.reader.waitedMs(nowMs)',
      'nowMs',
      sweep(
        'a message that has begun is not reported for time that its socket waited for a turn, but for no longer',
      ),
    ],
    [
      'a ping within a message is progress of it',
      'isReading && hasPartialData(ws) ? messagesRead : messagesRead + controlFramesRead',
      'messagesRead + controlFramesRead',
      sweep(
        'a message that has begun is reported although its pings are answered: control frames are no progress',
      ),
    ],
    [
      'a write is expected of a connection that has nothing to send',
      'outbox.isWriting, outbox.writesDone',
      'true, outbox.writesDone',
      sweep('a connection that is silent stays'),
    ],
    [
      'a fault of one connection ends the sweep',
      'contain(plane.observer, () => sample(adapter, watchOf(adapter), timeouts, nowMs));',
      'sample(adapter, watchOf(adapter), timeouts, nowMs);',
      sweep('one connection on which the sweep throws is counted as a fault, and the others are swept'),
    ],
    [
      'a sweep does not wait for what has arrived',
      'pending = setImmediate(sweep);',
      'sweep();',
      sweep(
        'a message that has begun is not reported if it is completed by what had arrived before the sweep',
      ),
    ],
    [
      'a sweep that is due outlives the relay',
      '    clearImmediate(pending);\n',
      '',
      sweep('no connection is swept after the end, when one is due'),
    ],
    [
      'a write that makes progress counts as stalled',
      'outbox.isWriting, outbox.writesDone',
      'outbox.isWriting, 0',
      sweep('a write of a long message is not reported while its fragments end in time'),
    ],
  ]),
  ...mutants('The stall sweep', READER, [
    [
      'a wait begins anew whenever the socket is read on meanwhile',
      'if (!isQueuedAlready) this.#queuedAtMs = performance.now();',
      'this.#queuedAtMs = performance.now();',
      sweep(
        'a message that has begun is not reported for time that its socket waited for a turn, but for no longer',
      ),
    ],
    [
      'a wait that is over is forgotten',
      '    this.#waitedMs = this.waitedMs(performance.now());\n',
      '',
      sweep(
        'a message that has begun is not reported for time that its socket waited for a turn, but for no longer',
      ),
    ],
  ]),

  ...mutants('Turns and lanes', READER, [
    [
      'the share is one byte larger',
      'this.#readBytes >= READ_SHARE_BYTES',
      'this.#readBytes > READ_SHARE_BYTES',
      share('one socket has a new share in each turn'),
    ],
    [
      'what was read in the last turn counts in this one',
      '      this.#readBytes = 0;\n',
      '',
      share('one socket has a new share in each turn'),
    ],
    [
      'a resumed socket waits for no turn',
      '    this.#isPaused = false;\n    this.#awaitTurn();\n',
      '    this.#isPaused = false;\n    this.#apply();\n',
      lanes('phones that are resumed together are read one after the other'),
    ],
    [
      'a socket that is read on while it waits has a second turn',
      'if (!isQueuedAlready) this.#turn.queue(this);',
      'this.#turn.queue(this);',
      lanes(
        'of several sockets that have read their share one that is read on while it waits takes no second turn from the others',
      ),
    ],
    [
      'a paused socket uses up the turn of its lane',
      'return !this.#isPaused && this.#ws.readyState !== WebSocket.CLOSED;',
      'return true;',
      lanes(
        'of several sockets that have read their share one that is paused or closed meanwhile gives its turn to the next',
      ),
    ],
    [
      'those that are closing take the turns of their server-id',
      '    this.#lane = LEAVING;\n',
      '',
      lanes(
        'of several sockets that have read their share those that are closing share one lane, and nobody else waits for them',
      ),
    ],
  ]),
  ...mutants('Turns and lanes', ADAPTER, [
    [
      'each phone has a lane of its own',
      "dialled.role === 'phone' ? dialled.serverId : dialled.ws",
      'dialled.ws',
      lanes(
        'of several sockets that have read their share one phone of a server-id is resumed in each turn, longest waiting first',
      ),
    ],
  ]),
  ...mutants('Turns and lanes', 'transport/accept.ts', [
    [
      'what a socket brings is not counted',
      '    adapter.reader.count(chunk.length);\n',
      '',
      share('bytes count even if they are dropped: a binary that floods waits for the next turn too'),
    ],
  ]),
  ...mutants('Turns and lanes', TURN, [
    [
      'a whole lane is resumed at once',
      'if (reader.takeTurn()) break;',
      'reader.takeTurn();',
      turn('at the end of a turn one reader of each lane takes its turn, and the next in the next turn'),
    ],
    [
      'whoever came last is resumed first',
      'else waiting.push(reader);',
      'else waiting.unshift(reader);',
      lanes(
        'of several sockets that have read their share one phone of a server-id is resumed in each turn, longest waiting first',
      ),
    ],
    [
      'an outbox that throws ends the turn',
      '        outbox.flush();\n      } catch (error) {\n        this.#failed(error);',
      '        outbox.flush();\n      } catch (error) {\n        this.#failed(error);\n        return;',
      turn('a fault of one outbox is reported, and the other outboxes and readers have their turn'),
    ],
    [
      'a reader that throws ends the turn of its lane',
      '        if (reader.takeTurn()) break;\n      } catch (error) {\n        this.#failed(error);',
      '        if (reader.takeTurn()) break;\n      } catch (error) {\n        this.#failed(error);\n        break;',
      turn('a fault of one reader is reported, and the next in its lane gets its turn'),
    ],
  ]),

  ...mutants('Who is closing', ADAPTER, [
    [
      'a probe does not notice that the holder is closing',
      '    else this.notePeerClosed();\n',
      '',
      closing(`${HALF_CLOSED} is replaced at once by a claimant: a probe finds it gone`),
    ],
    [
      'the answer to our close frame is not noticed',
      '? this.#socket.writableEnded',
      '? false',
      ANSWERED_CLOSE,
    ],
    ['TCP is left for the peer to end', '    this.#socket.destroySoon();\n', '', ANSWERED_CLOSE],
    [
      'a close frame that crossed ours is not noticed',
      '      // The two close frames may have crossed.\n      this.notePeerClosed();\n',
      '',
      closing('a peer’s close frame that crosses ours ends TCP from our side as well'),
    ],
    [
      'a frame that was cut with its socket counts as forwarded',
      'done(!error && !this.#socket.destroyed)',
      'done(!error)',
      closing('a frame that is cut with its socket is not counted as forwarded'),
    ],
    [
      'a close that finds the socket closing is waited for',
      'Nothing may follow that.\n      this.notePeerClosed();\n',
      'Nothing may follow that.\n',
      closing('a phone that has half-closed is known to be gone when the relay closes it'),
    ],
    [
      'the chart is not told that its close frame is out',
      '      written();\n',
      '',
      closing('a peer has 5 s to answer from when the close frame has been written to it'),
    ],
    [
      'a close keeps the backlog',
      'written: () => void): void {\n    this.outbox.discard();\n',
      'written: () => void): void {\n',
      closing('a close frame overtakes the backlog of a phone that is closed for not reading'),
    ],
  ]),
  ...mutants('Who is closing', 'transport/accept.ts', [
    [
      'a close frame is noticed only when TCP ends',
      '    adapter.notePeerClosed();\n',
      '',
      closing('a peer’s close frame is acted on at once, though the peer keeps TCP open'),
    ],
  ]),
  ...mutants('Who is closing', EFFECTS, [
    [
      'a connection that has ended is kept',
      '  plane.adapters.delete(connId);\n',
      '',
      closing('a connection that has ended is forgotten'),
    ],
  ]),
  ...mutants('Who is closing', PHONE_LEG, [
    [
      'a frame for a holder that is closing is swallowed',
      'if (binary === undefined || binary.isWritable) return binary;',
      'if (binary !== undefined) return binary;',
      closing(
        `${HALF_CLOSED} takes no frame: the phone that sends one is told that nobody is there, and grace begins`,
      ),
    ],
    [
      'a phone’s frame does not notice that the holder is closing',
      '  binary.notePeerClosed();\n',
      '',
      closing(
        `${HALF_CLOSED} takes no frame: the phone that sends one is told that nobody is there, and grace begins`,
      ),
    ],
  ]),
  ...mutants('Who is closing', BINARY_LEG, [
    [
      'an envelope does not notice that its phone is closing',
      '  phone.notePeerClosed();\n',
      '',
      closing(
        'a phone that has half-closed, with a write under way, gives up its place when it is sent a frame',
      ),
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
  ...mutants('Messages held for a claimant', ADAPTER, [
    [
      'held messages are read in reverse',
      'this.#held.push(message);',
      'this.#held.unshift(message);',
      HELD_UNTIL_ADMITTED,
    ],
    ['a claimant is read on after its first message', '    this.reader.pause();\n', '', HELD_THEN_READ_ON],
  ]),
  ...mutants('Messages held for a claimant', EFFECTS, [
    [
      'held messages are not released',
      'for (const message of binary.takeHeld()) readMessage(plane, binary, message);',
      '',
      HELD_UNTIL_ADMITTED,
    ],
    ['an admitted claimant is not read on', '      binary.resume();\n', '', HELD_THEN_READ_ON],
    [
      'held messages are read while the claimant is being admitted',
      'const releaseHeld =',
      'const queueMicrotask = (act: () => void): void => act();\nconst releaseHeld =',
      held('a held message that is rejected closes its claimant before the next is read'),
    ],
  ]),

  ...mutants('The outbox', OUTBOX, [
    [
      'a write may be larger than a chunk',
      '      if (end > first && size + next.bytes > WRITE_CHUNK_BYTES) break;\n',
      '',
      outbox('the socket never gets more than one chunk per write'),
    ],
    [
      'a write begins before the last has ended',
      '    if (this.#inFlight !== undefined) return;\n',
      '',
      outbox('the socket gets one write at a time, and the next one when that has ended'),
    ],
    [
      'a discard keeps what has been laid out',
      '    this.#fresh = [];\n    this.#chunks = [];\n',
      '    this.#fresh = [];\n',
      outbox('what is dropped by a discard is everything except the write under way'),
    ],
    [
      'a discard forgets the write under way',
      'this.#chargedBytes = this.#inFlight?.charge ?? 0;',
      'this.#chargedBytes = 0;',
      outbox('what is dropped by a discard is everything except the write under way'),
    ],
    [
      'what has been written stays charged',
      '    this.#chargedBytes -= chunk.charge;\n',
      '',
      outbox(
        'the charge counts each message and its overhead from when it is queued until its write has ended',
      ),
    ],
    [
      'a later turn overtakes an earlier one',
      'for (const chunk of chunks) this.#chunks.push(chunk);',
      'this.#chunks.splice(this.#nextChunk, 0, ...chunks);',
      outbox('what is queued keeps its order across many turns while one write stalls'),
    ],
    [
      'the relay’s own messages overtake those of the same turn',
      'this.#fresh.push(message);',
      'if (message.isForwarded) this.#fresh.push(message);\n    else this.#fresh.unshift(message);',
      closing(
        'the notice of a phone’s end comes with the relay’s own decision to close it, behind its last frame too',
      ),
    ],
    [
      'a mark is reached one byte below it',
      'this.#chargedBytes <= bytes',
      'this.#chargedBytes < bytes',
      outbox(
        'a callback for a mark comes once, when no more than that is charged, or at once if that is so already',
      ),
    ],
    [
      'a failed write counts as done',
      '    if (!isTaken) {\n      this.discard();\n      return;\n    }\n',
      '',
      outbox('what is dropped after a failed write is all the rest, and none of it is counted'),
    ],
  ]),
];
