/**
 * What was read and forwarded is freed by a collection of the young objects. A list of ours or of ws that is old when it is dropped would
 * keep it until the whole heap is marked.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { queuedBlocks } from '../../src/transport/block-pool.ts';
import { clientFrame } from '../support/raw-socket.ts';
import { settle, WiredRelay } from '../support/wired-relay.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void; // What the flag above exposes.

const READ_BYTES = 64 * 1_024;
const READS = 40;
/** Not counted. On a busy machine, 12 of the first 40 were kept: probably by code that V8 had not compiled yet. */
const COLD_READS = 24;
/** Several of them, and a part of one, in each read. */
const FRAME_BYTES = 16_000;

/** Twice, because what survives two collections is old. */
const collectYoung = (): void => {
  collect({ type: 'minor' });
  collect({ type: 'minor' });
};

test('a read is freed young, wherever its messages begin', async () => {
  const relay = new WiredRelay();
  const binary = await relay.dial('binary');
  const phone = await relay.dial('phone');
  const message = JSON.stringify({ conn_id: phone.connId, frame: 'x'.repeat(FRAME_BYTES) });
  const stream = Buffer.alloc((COLD_READS + READS) * READ_BYTES, clientFrame(message));
  const forward = async (from: number): Promise<void> => {
    // Memory of its own, as Node's reads are.
    const read = Buffer.allocUnsafeSlow(READ_BYTES);
    stream.copy(read, 0, from);
    binary.wire.arrive(read);
    await settle();
    phone.wire.delivered();
  };
  for (let read = 0; read < COLD_READS; read++) await forward(read * READ_BYTES);
  // What is queued has memory of its own, which stays.
  queuedBlocks.give(queuedBlocks.take(FRAME_BYTES));
  // The lists of both connections are as old as they get.
  collectYoung();
  collect();
  const before = process.memoryUsage().arrayBuffers;
  for (let read = 0; read < READS; read++) {
    // In a function of its own, so that no variable here keeps the read.
    await forward((COLD_READS + read) * READ_BYTES);
    collectYoung();
  }
  expect(relay.framesForwarded).toBe(Math.floor(stream.length / clientFrame(message).length));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan((READS * READ_BYTES) / 4);
});
