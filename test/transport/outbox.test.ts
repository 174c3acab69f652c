/** The outbox on a socket whose writes complete when the test decides. */
import { beforeEach, describe, expect, test } from 'vitest';
import { COPIED_BODY_BYTES, SHORT_BACKLOG_BYTES, WRITE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { queuedBlocks } from '../../src/transport/block-pool.ts';
import { Outbox } from '../../src/transport/outbox.ts';
import type { OutboundMessage } from '../../src/transport/write-chunks.ts';
import { newTurn, turnEnds } from '../support/turns.ts';

const OVERHEAD = 64;

class FakeSocket {
  readonly writes: Buffer[] = [];
  /** Callback of the write in progress. */
  #done: ((isTaken: boolean) => void) | undefined;
  isWritable = true;
  framesWritten = 0;
  failures = 0;
  chargedBytes = 0;

  readonly sink = {
    canWrite: () => this.isWritable,
    write: (parts: readonly Uint8Array[], done: (isTaken: boolean) => void): void => {
      if (this.#done !== undefined) throw new Error('a second write before the first has ended');
      this.writes.push(Buffer.concat(parts));
      this.#done = done;
    },
    charged: (bytes: number): void => {
      this.chargedBytes += bytes;
    },
    failed: (): void => {
      this.failures++;
    },
  };

  readonly sampled: [number, boolean][] = [];
  bytesWritten = 0;
  isSampled = false;
  readonly forwarding = {
    isSampled: () => this.isSampled,
    written: (frames: number, bytes: number): void => {
      this.framesWritten += frames;
      this.bytesWritten += bytes;
    },
    sampled: (bytes: number, ms: number): void => void this.sampled.push([bytes, ms >= 0]),
  };

  get isBusy(): boolean {
    return this.#done !== undefined;
  }

  /** Completes the write in progress; false simulates a reset of the socket. */
  finish(isTaken = true): void {
    const done = this.#done;
    this.#done = undefined;
    if (done === undefined) throw new Error('no write is in progress');
    done(isTaken);
  }

  finishAll(): void {
    while (this.isBusy) this.finish();
  }

  get text(): string {
    return Buffer.concat(this.writes).toString('latin1');
  }
}

const bodyOf = (body: Uint8Array, isForwarded = true): OutboundMessage => ({
  head: Buffer.of(),
  body,
  tail: Buffer.of(),
  isForwarded,
});
const say = (text: string): OutboundMessage => bodyOf(Buffer.from(text));
/** A short text as one unmasked frame. */
const framed = (text: string): string => `\u0081${String.fromCharCode(text.length)}${text}`;

/** Queues messages and waits for the end of the turn. */
const queue = async (...messages: readonly OutboundMessage[]): Promise<void> => {
  for (const message of messages) outbox.enqueue(message);
  await turnEnds();
};

let socket: FakeSocket;
let outbox: Outbox;
beforeEach(() => {
  socket = new FakeSocket();
  outbox = new Outbox(socket.sink, newTurn(), socket.forwarding);
});

describe('what is queued', () => {
  test('is written at the end of the turn in one write', async () => {
    for (const text of ['a', 'b', 'c']) outbox.enqueue(say(text));
    expect(socket.writes).toEqual([]);
    await turnEnds();
    expect(socket.writes).toHaveLength(1);
    expect(socket.text).toBe(framed('a') + framed('b') + framed('c'));
  });

  test('is copied, even if it is large, once the network has not taken what came before', async () => {
    const large = bodyOf(Buffer.alloc(COPIED_BODY_BYTES, 'x'));
    const takenBytes = queuedBlocks.takenBytes;
    await queue(large);
    expect(queuedBlocks.takenBytes).toBe(takenBytes);
    await queue(large);
    expect(queuedBlocks.takenBytes).toBeGreaterThan(takenBytes);
    socket.finishAll();
    expect(queuedBlocks.takenBytes).toBe(takenBytes);
  });

  test('is not copied, if it is large, when it waits for what came in the same turn', async () => {
    const takenBytes = queuedBlocks.takenBytes;
    await queue(...Array.from({ length: 4 }, () => bodyOf(Buffer.alloc(WRITE_CHUNK_BYTES - 100, 'x'))));
    expect(socket.isBusy).toBe(true);
    expect(queuedBlocks.takenBytes).toBe(takenBytes);
    socket.finishAll();
  });

  test('keeps its order across turns and writes', async () => {
    const texts = Array.from({ length: 200 }, (_, i) => `message ${i}`);
    for (const [i, text] of texts.entries()) {
      outbox.enqueue(say(text));
      if (i % 7 === 0) await turnEnds();
      if (i % 11 === 0 && socket.isBusy) socket.finish();
    }
    await turnEnds();
    socket.finishAll();
    expect(socket.text).toBe(texts.map(framed).join(''));
    expect(outbox.chargedBytes).toBe(0);
  });

  test('keeps its order across many turns while one write stalls', async () => {
    const texts = Array.from({ length: 150 }, (_, i) => String(i % 10).repeat(60_000));
    for (const text of texts) await queue(say(text));
    expect(socket.writes).toHaveLength(1);
    socket.finishAll();
    expect(socket.writes.map((bytes) => bytes.toString('latin1', 4))).toEqual(texts);
  });

  test('is copied when it is flushed if it is small, so that it does not retain the memory of a whole read', async () => {
    const memory = Buffer.from('first');
    outbox.enqueue(bodyOf(memory));
    outbox.flush();
    memory.fill('x');
    await queue(say('second'));
    socket.finishAll();
    expect(socket.text).toBe(framed('first') + framed('second'));
  });
});

test('flushing takes long if more is queued than a few messages, what waits for the network included', async () => {
  outbox.enqueue(say('x'.repeat(SHORT_BACKLOG_BYTES - OVERHEAD)));
  expect(outbox.isLong).toBe(false);
  await turnEnds();
  outbox.enqueue(say('x'));
  expect(outbox.isLong).toBe(true);
  await turnEnds();
  socket.finishAll();
  expect(outbox.isLong).toBe(false);
});

describe('the socket', () => {
  test('gets one write at a time, and the next one when that has completed', async () => {
    await queue(say('a'));
    expect(outbox.isWriting).toBe(true);
    await queue(say('b'));
    expect(socket.writes).toHaveLength(1);
    socket.finish();
    expect(socket.writes).toHaveLength(2);
    socket.finish();
    expect(outbox.isWriting).toBe(false);
  });

  test('never gets more than one chunk per write', async () => {
    for (let i = 0; i < 100; i++) outbox.enqueue(say('x'.repeat(i * 100)));
    await queue(bodyOf(Buffer.alloc(300_000)));
    for (let i = 0; i < 100; i++) await queue(say('y'.repeat(2_000)));
    socket.finishAll();
    expect(Math.max(...socket.writes.map(({ length }) => length))).toBeLessThanOrEqual(WRITE_CHUNK_BYTES);
  });

  test('gets the small messages of several turns in one write', async () => {
    await queue(say('first'));
    for (const text of ['a', 'b', 'c']) await queue(say(text));
    socket.finish();
    expect(socket.writes[1]?.toString('latin1')).toBe(framed('a') + framed('b') + framed('c'));
  });

  test('shows progress: `writesDone` grows only with writes that were taken', async () => {
    await queue(bodyOf(Buffer.alloc(150_000)));
    expect(outbox.writesDone).toBe(0);
    socket.finish();
    expect(outbox.writesDone).toBe(1);
    socket.finish(false);
    expect(outbox.writesDone).toBe(1);
  });
});

describe('the charge', () => {
  test('counts each message and its overhead from when it is queued until it has been written', async () => {
    expect(outbox.chargedBytes).toBe(0);
    outbox.enqueue({ ...say('1234567890'), head: Buffer.alloc(3), tail: Buffer.alloc(1) });
    outbox.enqueue(say(''));
    const charge = 14 + OVERHEAD + OVERHEAD;
    expect(outbox.chargedBytes).toBe(charge);
    await turnEnds();
    expect(outbox.chargedBytes).toBe(charge);
    outbox.enqueue(say('later'));
    expect(outbox.chargedBytes).toBe(charge + 5 + OVERHEAD);
    await turnEnds();
    socket.finish();
    expect(outbox.chargedBytes).toBe(5 + OVERHEAD);
    socket.finish();
    expect(outbox.chargedBytes).toBe(0);
  });

  test('of a large message shrinks with each fragment written', async () => {
    await queue(bodyOf(Buffer.alloc(200_000)));
    const seen = [outbox.chargedBytes];
    while (socket.isBusy) {
      socket.finish();
      seen.push(outbox.chargedBytes);
    }
    expect(seen[0]).toBe(200_000 + OVERHEAD);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
    expect(seen.at(-1)).toBe(0);
  });
});

test('forwarded messages are counted when they have been written; the relay’s own are not', async () => {
  await queue(say('a'), bodyOf(Buffer.from('notice'), false), bodyOf(Buffer.alloc(100_000)));
  const seen = [socket.framesWritten];
  while (socket.isBusy) {
    socket.finish();
    seen.push(socket.framesWritten);
  }
  expect(seen).toEqual([0, 1, 1, 2]);
});

test('a measured frame is reported once the network has taken all of it, those that are dropped never', async () => {
  socket.isSampled = true;
  await queue(say('a'), bodyOf(Buffer.alloc(100_000)), bodyOf(Buffer.from('notice'), false));
  expect(socket.sampled).toEqual([]);
  socket.finish();
  expect(socket.sampled).toEqual([[1, true]]);
  await queue(say('dropped'));
  outbox.discard();
  socket.finishAll();
  // The rest of the large one was dropped too.
  expect(socket.sampled).toEqual([[1, true]]);
  await queue(say('bc'));
  socket.finishAll();
  expect(socket.sampled).toEqual([
    [1, true],
    [2, true],
  ]);
});

test('bytes are counted as they are written, headers and notices included', async () => {
  await queue(say('a'), bodyOf(Buffer.from('notice'), false), bodyOf(Buffer.alloc(100_000)));
  socket.finishAll();
  expect(socket.bytesWritten).toBe(socket.writes.reduce((sum, { length }) => sum + length, 0));
});

describe('what is dropped', () => {
  test('by a discard is everything except the write in progress', async () => {
    await queue(say('a'));
    await queue(say('b'));
    outbox.enqueue(say('c'));
    outbox.discard();
    expect(outbox.chargedBytes).toBe(1 + OVERHEAD);
    await turnEnds();
    socket.finishAll();
    expect(socket.text).toBe(framed('a'));
    expect(outbox.chargedBytes).toBe(0);
    await queue(say('d'));
    expect(socket.writes).toHaveLength(2);
  });

  test('after a failed write is the rest of the backlog, which is not counted', async () => {
    await queue(bodyOf(Buffer.alloc(200_000)));
    outbox.enqueue(say('b'));
    socket.finish(false);
    await turnEnds();
    expect(socket.writes).toHaveLength(1);
    expect(outbox.chargedBytes).toBe(0);
    expect(outbox.isWriting).toBe(false);
    expect(socket.framesWritten).toBe(0);
  });

  test('is the whole backlog when the socket is no longer writable', async () => {
    socket.isWritable = false;
    await queue(say('a'));
    expect(socket.writes).toEqual([]);
    expect(outbox.chargedBytes).toBe(0);
  });

  test('is the rest of the backlog if the socket stops being writable during a write', async () => {
    await queue(bodyOf(Buffer.alloc(200_000)));
    socket.isWritable = false;
    socket.finish();
    expect(socket.writes).toHaveLength(1);
    expect(outbox.chargedBytes).toBe(0);
  });
});

describe('a callback', () => {
  let calls: string[];
  const note = (what: string) => (): void => void calls.push(what);
  beforeEach(() => {
    calls = [];
  });

  test('for an empty outbox is called at once if nothing is queued', () => {
    outbox.whenEmpty(note('empty'));
    expect(calls).toEqual(['empty']);
  });

  test('for an empty outbox is called once, after the last write', async () => {
    outbox.enqueue(bodyOf(Buffer.alloc(100_000)));
    outbox.whenEmpty(note('empty'));
    await turnEnds();
    socket.finish();
    expect(calls).toEqual([]);
    socket.finish();
    expect(calls).toEqual(['empty']);
    await queue(say('more'));
    socket.finish();
    expect(calls).toEqual(['empty']);
  });

  test.each([
    ['a discard', () => outbox.discard()],
    ['a failed write', () => socket.finish(false)],
  ])('is also called after %s', async (_, end) => {
    await queue(bodyOf(Buffer.alloc(200_000)));
    outbox.whenBelow(70_000, note('below'));
    outbox.whenEmpty(note('empty'));
    end();
    expect(calls[0]).toBe('below');
    if (socket.isBusy) socket.finish();
    expect(calls).toEqual(['below', 'empty']);
  });

  test('for a mark is called once, when no more than that is charged, or at once if that is true already', async () => {
    outbox.whenBelow(0, note('none'));
    expect(calls).toEqual(['none']);
    for (let i = 0; i < 3; i++) outbox.enqueue(bodyOf(Buffer.alloc(60_000)));
    const oneLeft = 60_000 + OVERHEAD;
    outbox.whenBelow(oneLeft, note('one left'));
    await turnEnds();
    socket.finish();
    expect(calls).toEqual(['none']);
    socket.finish();
    expect(outbox.chargedBytes).toBe(oneLeft);
    expect(calls).toEqual(['none', 'one left']);
    socket.finish();
    expect(calls).toEqual(['none', 'one left']);
  });

  test('may queue another message', async () => {
    await queue(say('a'));
    outbox.whenEmpty(() => outbox.enqueue(say('b')));
    socket.finish();
    await turnEnds();
    socket.finish();
    expect(socket.text).toBe(framed('a') + framed('b'));
  });
});
