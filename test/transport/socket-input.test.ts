/** What ws keeps of an incomplete message, over the real ws and a connection in memory. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { SocketInput } from '../../src/transport/socket-input.ts';
import { hasPartialMessage, piecesOf, receiverOf } from '../../src/transport/ws-receiver.ts';
import { clientFrame } from '../support/raw-socket.ts';
import { upgraded } from '../support/upgraded.ts';
import { Wire } from '../support/wire.ts';

const MAX_MESSAGE_BYTES = 256 * 1024;
/** A whole read of Node. */
const READ_BYTES = 64 * 1024;
const [CONTINUATION, TEXT, CLOSE, PING] = [0, 1, 8, 9];

let wire: Wire;
let ws: WebSocket;
let input: SocketInput;
let messages: string[];
let pings: string[];
let closes: number;

const connect = (): void => {
  wire = new Wire();
  ws = upgraded(wire, MAX_MESSAGE_BYTES);
  input = new SocketInput(ws);
  [messages, pings, closes] = [[], [], 0];
  ws.on('message', (data) => messages.push(Buffer.isBuffer(data) ? data.toString() : 'not one buffer'));
  ws.on('ping', (payload) => pings.push(payload.toString()));
};
beforeEach(connect);
afterEach(() => ws.terminate());

/** One read, as the socket gives it to ws. */
const read = (bytes: Buffer): void => {
  const receiver = receiverOf(ws);
  if (!receiver.writable) return;
  receiver.write(bytes);
  input.settle();
  if (!receiver.writable) closes++;
};

/** Memory that the receiver keeps, with 300 bytes for each piece. */
const memory = (): number => {
  const receiver = receiverOf(ws);
  const pieces = [...piecesOf(receiver).flat(), ...(receiver._mask === undefined ? [] : [receiver._mask])];
  const buffers = new Set(pieces.map(({ buffer }) => buffer));
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 300 * pieces.length);
};

const fragment = (payload: string, opcode = CONTINUATION, fin = false): Buffer =>
  clientFrame(payload, { opcode, fin });

/** A read that ends with `bytes`; pings fill the rest of it. */
const fullRead = (bytes: Buffer): Buffer => {
  const filler = clientFrame('x'.repeat(100), { opcode: PING });
  const fillers = Math.floor((READ_BYTES - bytes.length) / filler.length);
  return Buffer.concat([...Array.from({ length: fillers }, () => filler), bytes]);
};

describe('an incomplete message takes memory in proportion to its bytes', () => {
  test('when it comes in fragments of one byte, each at the end of a read', () => {
    read(fragment('x', TEXT));
    for (let i = 0; i < 500; i++) read(fullRead(fragment('x')));
    expect(memory()).toBeLessThan(4_000);
    read(fragment('', CONTINUATION, true));
    expect(messages).toEqual(['x'.repeat(501)]);
    expect(memory()).toBe(0);
  });

  test('when it comes one byte at a time', () => {
    const bytes = clientFrame('y'.repeat(20_000));
    for (let at = 0; at < bytes.length - 1; at++) read(bytes.subarray(at, at + 1));
    expect(memory()).toBeLessThan(2.1 * bytes.length);
    read(bytes.subarray(-1));
    expect(messages).toEqual(['y'.repeat(20_000)]);
    expect(memory()).toBe(0);
  });

  test('when only its first byte has come, at the end of a read', () => {
    read(fullRead(clientFrame('z').subarray(0, 1)));
    expect(memory()).toBeLessThan(1_000);
  });
});

test('the mask of an incomplete frame does not keep the read that it came in', () => {
  const bytes = clientFrame('z'.repeat(100));
  for (let i = 0; i < 3; i++) {
    read(fullRead(bytes.subarray(0, 20)));
    expect(memory()).toBeLessThan(1_000);
    read(bytes.subarray(20));
  }
  expect(messages).toEqual(Array.from({ length: 3 }, () => 'z'.repeat(100)));
});

/** Messages in any number of fragments, with pings between them. */
const sent = fc.array(
  fc.array(
    fc.record({
      payload: fc.string({ maxLength: 300 }),
      size: fc.constantFrom(1, 1, 60, 400),
      ping: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  { maxLength: 6 },
);
type Sent = typeof sent extends fc.Arbitrary<infer Value> ? Value : never;

const streamOf = (allSent: Sent): { stream: Buffer; texts: string[]; pingsSent: number } => {
  const frames: Buffer[] = [];
  const texts = allSent.map((parts) =>
    parts
      .map(({ payload, size, ping }, i) => {
        const text = payload.repeat(size);
        if (ping) frames.push(clientFrame('p', { opcode: PING }));
        frames.push(fragment(text, i === 0 ? TEXT : CONTINUATION, i === parts.length - 1));
        return text;
      })
      .join(''),
  );
  const pingsSent = allSent.flat().filter(({ ping }) => ping).length;
  return { stream: Buffer.concat(frames), texts, pingsSent };
};

const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 70_000 })), {
  minLength: 1,
  maxLength: 6,
});

/** The stream in reads of these sizes, again and again; each in a buffer of its own, as Node reads. */
function* reads(stream: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = Math.max(sizes[i % sizes.length] ?? 1, Math.ceil(stream.length / 2_000));
    yield Buffer.from(stream.subarray(at, at + size));
    at += size;
  }
}

/** A read that begins with `bytes`, in the buffer of a full one. */
const inRead = (bytes: Buffer): Buffer => {
  const whole = Buffer.alloc(READ_BYTES);
  return whole.subarray(0, bytes.copy(whole));
};

/** A frame of 16 KiB, of which each byte is its number. */
const large = (i: number): Buffer => clientFrame(String.fromCharCode(97 + (i % 26)).repeat(16_384));

describe('of a stream without a pause', () => {
  test('each message stays as it was when it was given out, whatever is read afterwards', () => {
    fc.assert(
      fc.property(sent, cuts, fc.nat(20), (allSent, sizes, many) => {
        connect();
        const given: { readonly data: Buffer; readonly text: string }[] = [];
        ws.on('message', (data) => {
          if (Buffer.isBuffer(data)) given.push({ data, text: data.toString() });
        });
        const stream = Buffer.concat([
          streamOf(allSent).stream,
          ...Array.from({ length: many }, (_, i) => large(i)),
        ]);
        for (const bytes of reads(stream, sizes)) read(bytes);
        expect(given).toHaveLength(allSent.length + many);
        expect(given.every(({ data, text }) => data.toString() === text)).toBe(true);
        ws.terminate();
      }),
      { numRuns: 100 },
    );
  });

  test('what one read leaves of a message is in the same memory as what the one before left', () => {
    const stream = Buffer.concat(Array.from({ length: 40 }, (_, i) => large(i)));
    const kept = new Set<ArrayBufferLike>();
    for (let at = 0; at < stream.length; at += READ_BYTES) {
      read(inRead(stream.subarray(at, at + READ_BYTES)));
      for (const { buffer } of piecesOf(receiverOf(ws))[0]) kept.add(buffer);
    }
    expect(messages).toHaveLength(40);
    // The first is the largest of them.
    expect(kept.size).toBe(1);
  });

  test('that memory is counted', () => {
    const [first, second] = [large(0), large(1)];
    read(inRead(first.subarray(0, 5_000)));
    expect(input.bytes).toBe(5_000 - 8);
    read(inRead(Buffer.concat([first.subarray(5_000), second.subarray(0, 100)])));
    expect(messages).toHaveLength(1);
    expect(input.bytes).toBe(5_000 - 8);
    read(second.subarray(100));
    expect(messages).toHaveLength(2);
    expect(input.bytes).toBe(0);
  });

  test('a message that waited whole to be parsed stays as it was', () => {
    const receiver = receiverOf(ws);
    let given: Buffer | undefined;
    ws.once('message', (data) => {
      if (Buffer.isBuffer(data)) given = data;
    });
    const [whole, next, last] = ['a', 'b', 'c'].map((letter) => clientFrame(letter.repeat(500)));
    if (whole === undefined || next === undefined || last === undefined) throw new Error('three were made');
    // As a stop before this frame leaves it.
    receiver._buffers.push(inRead(whole));
    receiver._bufferedBytes += whole.length;
    input.settle();
    read(inRead(Buffer.concat([next, last.subarray(0, 400)])));
    expect(messages).toHaveLength(2);
    expect(given?.toString()).toBe('a'.repeat(500));
  });
});

test('the same messages are read, however the stream is cut into reads', () => {
  fc.assert(
    fc.property(sent, cuts, (allSent, sizes) => {
      connect();
      const { stream, texts, pingsSent } = streamOf(allSent);
      for (const bytes of reads(stream, sizes)) read(bytes);
      expect(messages.length).toBe(texts.length);
      expect(messages.every((message, i) => message === texts[i])).toBe(true);
      expect(pings).toHaveLength(pingsSent);
      expect(hasPartialMessage(ws)).toBe(false);
      ws.terminate();
    }),
    { numRuns: 60 },
  );
});

describe('of a connection that leaves', () => {
  test('control frames are read and nothing else is kept, wherever the stream is when it leaves', () => {
    fc.assert(
      fc.property(sent, cuts, fc.double({ min: 0, max: 1, noNaN: true }), (allSent, sizes, share) => {
        connect();
        const { stream, pingsSent } = streamOf(allSent);
        const leavesAt = Math.floor(share * stream.length);
        for (const bytes of reads(stream.subarray(0, leavesAt), sizes)) read(bytes);
        const before = messages.length;
        input.discard();
        for (const bytes of reads(stream.subarray(leavesAt), sizes)) {
          read(bytes);
          expect(memory()).toBeLessThan(1_000);
        }
        expect(messages.length).toBe(before);
        expect(pings).toHaveLength(pingsSent);
        read(clientFrame(Buffer.of(0x03, 0xe8), { opcode: CLOSE }));
        expect(closes).toBe(1);
        ws.terminate();
      }),
      { numRuns: 60 },
    );
  });

  test('a message longer than allowed is skipped', () => {
    input.discard();
    read(clientFrame('x'.repeat(2 * MAX_MESSAGE_BYTES)));
    expect(memory()).toBe(0);
    expect(closes).toBe(0);
  });

  test('the message that is being handled is the last, and the close frame in the same read is read', () => {
    ws.on('message', () => input.discard());
    const close = clientFrame(Buffer.of(0x03, 0xe8), { opcode: CLOSE });
    read(Buffer.concat([clientFrame('one'), clientFrame('two'), fragment('three', TEXT), close]));
    expect(messages).toEqual(['one']);
    expect(closes).toBe(1);
  });

  test('nothing is parsed after its close frame', () => {
    input.discard();
    const close = clientFrame(Buffer.of(0x03, 0xe8), { opcode: CLOSE });
    read(Buffer.concat([close, clientFrame('p', { opcode: PING }), close]));
    expect(pings).toEqual([]);
    expect(closes).toBe(1);
  });
});
