/** How much of what a TLS peer has sent is decrypted in one turn, and when it is cut. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { MAX_BARREN_RECORDS, TLS_SLICE_RECORDS } from '../../src/protocol/limits.ts';
import { RecordStream } from '../../src/transport/record-stream.ts';

const KEY_UPDATE_BYTES = 27;
const SLICE_BYTES = TLS_SLICE_RECORDS * KEY_UPDATE_BYTES;

const record = (bytes: number): Buffer => {
  const made = Buffer.alloc(bytes, 23);
  made.writeUInt16BE(bytes - 5, 3);
  return made;
};
const records = (count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => record(KEY_UPDATE_BYTES)));

/** Stands for TLS: it finds no data in the first `barren` records of each slice, and data in the others. */
class Reader {
  dataRecords = 0;
  writableEnded = false;
  barren = 0;
  readonly slices: number[] = [];
  bytes = 0;

  take(slice: Buffer): void {
    this.slices.push(slice.length);
    this.bytes += slice.length;
    const count = Math.floor(slice.length / KEY_UPDATE_BYTES);
    this.dataRecords += count - Math.min(count, this.barren);
  }
}

const server = createServer({ allowHalfOpen: true });
afterEach(() => server.close());

const open = async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not bound');
  const client = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
  const [tcp] = (await once(server, 'connection')) as [Socket]; // As documented.
  const reader = new Reader();
  let floods = 0;
  const stream = new RecordStream(tcp, () => {
    floods++;
    stream.destroy();
  });
  stream.attach(reader);
  stream.on('data', (slice: Buffer) => reader.take(slice));
  return { client, tcp, stream, reader, floods: () => floods };
};

/** As if one read of the TCP socket had brought it. Returns what was decrypted in this turn. */
const receive = (tcp: Socket, reader: Reader, chunk: Buffer): number => {
  const before = reader.bytes;
  tcp.emit('data', chunk);
  return reader.bytes - before;
};

test('of a flood of records without data, one slice is decrypted, and then the connection is cut', async () => {
  const { tcp, reader, floods } = await open();
  await setImmediate();
  reader.barren = Number.POSITIVE_INFINITY;
  expect(receive(tcp, reader, records(2_000))).toBe(SLICE_BYTES);
  expect(floods()).toBe(1);
  expect(tcp.destroyed).toBe(true);
});

test('with a record without data in each slice, a turn decrypts one slice', async () => {
  const { tcp, reader, floods } = await open();
  await setImmediate();
  reader.barren = 1;
  expect(receive(tcp, reader, records(TLS_SLICE_RECORDS * 100))).toBe(SLICE_BYTES);
  expect(tcp.isPaused()).toBe(true);
  for (let slices = 1; slices < MAX_BARREN_RECORDS; slices++) {
    expect(reader.slices).toHaveLength(slices);
    await setImmediate();
  }
  expect(reader.slices).toHaveLength(MAX_BARREN_RECORDS);
  expect(floods()).toBe(1);
});

test('records with data are decrypted as they come', async () => {
  const { tcp, reader, floods } = await open();
  await setImmediate();
  expect(receive(tcp, reader, records(2_000))).toBe(2_000 * KEY_UPDATE_BYTES);
  expect(Math.max(...reader.slices)).toBe(SLICE_BYTES);
  expect([floods(), tcp.isPaused()]).toEqual([0, false]);
});

test('what follows a pause is decrypted when that ends, and TCP waits meanwhile', async () => {
  const { client, stream, tcp, reader } = await open();
  await setImmediate();
  stream.once('data', () => stream.pause());
  expect(receive(tcp, reader, records(100))).toBe(SLICE_BYTES);
  expect(tcp.isPaused()).toBe(true);
  client.end();
  stream.resume();
  await once(stream, 'end');
  expect(reader.bytes).toBe(100 * KEY_UPDATE_BYTES);
});

test('once TLS has ended, nothing more is decrypted, and the end of TCP is still seen', async () => {
  const { client, stream, tcp, reader, floods } = await open();
  await setImmediate();
  reader.writableEnded = true;
  expect(receive(tcp, reader, records(2_000))).toBe(0);
  client.end(records(100));
  await once(stream, 'end');
  expect([reader.bytes, floods()]).toEqual([0, 0]);
});

test('a reset is an error', async () => {
  const { client, stream } = await open();
  await setImmediate();
  const failed = once(stream, 'error');
  client.resetAndDestroy();
  expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
});
