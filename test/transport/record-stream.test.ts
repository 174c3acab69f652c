/** How much of what a TLS peer has sent is decrypted in one turn, and when it is cut. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import {
  HANDSHAKES_PER_TURN,
  MAX_BARREN_RECORDS,
  MAX_OPENING_RECORDS,
  TLS_SLICE_RECORDS,
} from '../../src/protocol/tls-limits.ts';
import { HandshakeTurns } from '../../src/transport/handshake-turns.ts';
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
const HANDSHAKE_BYTES = 60;
const handshake = (): Buffer => {
  const made = record(HANDSHAKE_BYTES);
  made[0] = 22;
  return made;
};

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

const handshakeTurns = (perTurn = HANDSHAKES_PER_TURN): HandshakeTurns =>
  new HandshakeTurns({ perTurn, failed: () => {} });

const openAnew = async (turns = handshakeTurns()) => {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not bound');
  const client = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
  const [tcp] = (await once(server, 'connection')) as [Socket]; // As documented.
  const reader = new Reader();
  let floods = 0;
  const onFlood = (): void => {
    floods++;
    stream.destroy();
  };
  const stream = new RecordStream(tcp, { turns, onFlood });
  stream.attach(reader);
  stream.on('data', (slice: Buffer) => reader.take(slice));
  return { client, tcp, stream, reader, floods: () => floods };
};

/** One whose hello was taken. */
const openWithHello = async () => {
  const opened = await openAnew();
  await setImmediate();
  opened.tcp.emit('data', handshake());
  opened.reader.slices.length = 0;
  opened.reader.bytes = 0;
  return opened;
};

/** One that is upgraded, too. */
const open = async () => {
  const opened = await openWithHello();
  opened.stream.finishOpening();
  return opened;
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

describe('before the upgrade', () => {
  test('a turn decrypts one slice, whatever is in it', async () => {
    const { tcp, reader } = await openWithHello();
    await setImmediate();
    expect(receive(tcp, reader, records(TLS_SLICE_RECORDS * 3))).toBe(SLICE_BYTES);
    for (let slices = 1; slices <= 3; slices++) {
      expect(reader.slices).toHaveLength(slices);
      await setImmediate();
    }
    expect(reader.bytes).toBe(3 * SLICE_BYTES);
  });

  test('a request head in very many records is not read to its end', async () => {
    const { stream, tcp, reader, floods } = await openWithHello();
    await setImmediate();
    const ended = once(stream, 'close');
    receive(tcp, reader, records(16_000));
    await ended;
    expect([reader.bytes, floods()]).toEqual([MAX_OPENING_RECORDS * KEY_UPDATE_BYTES, 1]);
  });

  test('as many as there may be are read', async () => {
    const { tcp, reader, floods } = await openWithHello();
    await setImmediate();
    const rest = MAX_OPENING_RECORDS - 1;
    receive(tcp, reader, records(rest));
    while (reader.bytes < rest * KEY_UPDATE_BYTES) await setImmediate();
    expect(floods()).toBe(0);
  });
});

describe('of handshake records', () => {
  /** Connections whose hello has had its turn. */
  const saidHello = async (count: number, turns = handshakeTurns()) => {
    const opened = [];
    for (let i = 0; i < count; i++) opened.push(await openAnew(turns));
    await setImmediate();
    for (const { tcp, reader } of opened) expect(receive(tcp, reader, handshake())).toBe(HANDSHAKE_BYTES);
    return opened;
  };

  test('whose last bytes come all at once, a turn takes a few, in order of arrival', async () => {
    const opened = await saidHello(HANDSHAKES_PER_TURN * 2 + 3);
    const taken = (): number[] => opened.flatMap(({ reader }, i) => (reader.slices.length > 1 ? [i] : []));
    for (const { tcp, reader } of opened) expect(receive(tcp, reader, handshake().subarray(0, 1))).toBe(0);
    expect(taken()).toEqual([]);
    for (const { tcp } of opened) tcp.emit('data', handshake().subarray(1));
    for (const turns of [1, 2, 3]) {
      const count = Math.min(turns * HANDSHAKES_PER_TURN, opened.length);
      expect(taken()).toEqual(Array.from({ length: count }, (_, i) => i));
      await setImmediate();
    }
  });

  test('of one connection, each takes a turn', async () => {
    const [opened] = await saidHello(1, handshakeTurns(1));
    if (opened === undefined) throw new Error('none');
    const { stream, tcp, reader } = opened;
    stream.finishOpening();
    const chunk = Buffer.concat([handshake(), records(2), handshake(), records(1)]);
    const taken = HANDSHAKE_BYTES + 2 * KEY_UPDATE_BYTES;
    expect(receive(tcp, reader, chunk)).toBe(taken);
    await setImmediate();
    expect(reader.bytes).toBe(HANDSHAKE_BYTES + chunk.length);
  });

  test('one that is closed while it waits gives its turn to the next', async () => {
    const opened = await saidHello(HANDSHAKES_PER_TURN * 2 + 1);
    for (const { tcp } of opened) tcp.emit('data', handshake());
    opened[HANDSHAKES_PER_TURN]?.stream.destroy();
    await setImmediate();
    expect(opened.at(-1)?.reader.slices).toHaveLength(2);
  });

  test('one that stays incomplete ends with its connection', async () => {
    const [opened] = await saidHello(1);
    if (opened === undefined) throw new Error('none');
    opened.client.end(handshake().subarray(1));
    await once(opened.stream, 'end');
  });

  test('of what is no TLS, each read takes a turn: OpenSSL finds a hello in it, but no record is known to end', async () => {
    const opened = [];
    const turns = handshakeTurns(1);
    for (let i = 0; i < 2; i++) opened.push(await openAnew(turns));
    await setImmediate();
    const [first, second] = opened;
    if (first === undefined || second === undefined) throw new Error('none');
    for (const { tcp, reader } of opened) expect(receive(tcp, reader, Buffer.of(128))).toBe(1);
    const rest = Buffer.alloc(100, 255);
    expect(receive(first.tcp, first.reader, rest)).toBe(100);
    expect(receive(second.tcp, second.reader, rest)).toBe(0);
    await setImmediate();
    expect(second.reader.bytes).toBe(101);
  });
});
