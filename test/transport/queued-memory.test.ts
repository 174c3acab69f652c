/**
 * Outboxes share memory that is used again and again. A socket reads what it was given only when its write ends, as a network does:
 * if a block were used again too early, one peer would get bytes of another.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { COPIED_BODY_BYTES, WRITE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { queuedBlocks } from '../../src/transport/block-pool.ts';
import { Outbox } from '../../src/transport/outbox.ts';
import { newTurn, turnEnds } from '../support/turns.ts';

const NOTHING = Buffer.of();
const FORWARDING = { isSampled: () => false, written: () => {}, sampled: () => {} };

/** The payloads of unmasked frames of up to 64 KiB, joined. */
const payloadsOf = (frames: Buffer): Buffer => {
  const payloads: Buffer[] = [];
  for (let at = 0; at < frames.length; ) {
    const isShort = frames.readUInt8(at + 1) < 126;
    const from = at + (isShort ? 2 : 4);
    const to = from + (isShort ? frames.readUInt8(at + 1) : frames.readUInt16BE(at + 2));
    payloads.push(frames.subarray(from, to));
    at = to;
  }
  return Buffer.concat(payloads);
};

/** One peer: all bytes for it are its own mark, so a foreign one shows. */
class Peer {
  readonly outbox: Outbox;
  readonly #mark: number;
  #write: { readonly parts: readonly Uint8Array[]; readonly done: (isTaken: boolean) => void } | undefined;
  isOpen = true;
  foreignBytes = 0;

  constructor(mark: number) {
    this.#mark = mark;
    const sink = {
      canWrite: () => this.isOpen,
      write: (parts: readonly Uint8Array[], done: (isTaken: boolean) => void): void => {
        this.#write = { parts, done };
      },
      charged: () => {},
      failed: () => {},
    };
    this.outbox = new Outbox(sink, newTurn(), FORWARDING);
  }

  /** In a read of its own size, or as a small part of a larger one: small parts are copied. */
  queue(bytes: number, readBytes: number): void {
    const read = Buffer.alloc(Math.max(bytes, readBytes), this.#mark);
    this.outbox.enqueue({ head: NOTHING, body: read.subarray(0, bytes), tail: NOTHING, isForwarded: true });
  }

  get isWriting(): boolean {
    return this.#write !== undefined;
  }

  /** The network reads what it was given, and says whether it has taken it. */
  finish(isTaken: boolean): void {
    const write = this.#write;
    if (write === undefined) return;
    this.#write = undefined;
    for (const byte of payloadsOf(Buffer.concat(write.parts))) if (byte !== this.#mark) this.foreignBytes++;
    write.done(isTaken);
  }
}

const MARKS = [0xa1, 0xb2, 0xc3];

const bytes = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: COPIED_BODY_BYTES - 100, max: 3 * COPIED_BODY_BYTES }),
  fc.constantFrom(WRITE_CHUNK_BYTES - 14, 60_000),
);
const peer = fc.nat(MARKS.length - 1);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('queue' as const), peer, bytes, isPart: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('take', 'fail', 'discard', 'close'), peer }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('turn' as const), peer }) },
);

test('no peer gets a byte of another, and all memory is given back, whatever is taken, fails or is dropped', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80 }), async (steps) => {
      const before = queuedBlocks.takenBytes;
      const peers = MARKS.map((mark) => new Peer(mark));
      for (const each of steps) {
        const one = peers[each.peer];
        if (one === undefined) continue;
        if (each.kind === 'queue') one.queue(each.bytes, each.isPart ? 3 * WRITE_CHUNK_BYTES : 0);
        else if (each.kind === 'turn') await turnEnds();
        else if (each.kind === 'discard') one.outbox.discard();
        else if (each.kind === 'close') one.isOpen = false;
        else one.finish(each.kind === 'take');
      }
      await turnEnds();
      for (const one of peers) while (one.isWriting) one.finish(true);
      expect(peers.map(({ foreignBytes }) => foreignBytes)).toEqual([0, 0, 0]);
      expect(queuedBlocks.takenBytes).toBe(before);
    }),
    { numRuns: 300 },
  );
});
