/** What comes before a TLS handshake: the whole hello, the rate, and a turn. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { helloStage } from '../../src/transport/hello-stage.ts';

/** A record of 16 bytes, as far as its header goes. */
const HELLO = Buffer.of(22, 3, 1, 0, 11, ...Buffer.from('hello world'));

const server = createServer();
let client: Socket;
let accepted: Socket;
let waiting: (() => void)[];
let news: string[];
let mayShakeHands: boolean;

beforeEach(async () => {
  [waiting, news, mayShakeHands] = [[], [], true];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not bound');
  client = connect(address.port, '127.0.0.1').on('error', () => {});
  [accepted] = (await once(server, 'connection')) as [Socket]; // As documented.
});
afterEach(async () => {
  client.destroy();
  // A stage that still waits speaks of it.
  const closed = new Promise((resolve) => accepted.once('close', resolve));
  const wasDestroyed = accepted.destroyed;
  accepted.destroy();
  if (!wasDestroyed) await closed;
  server.close();
});

const enter = (): void =>
  helloStage({
    turns: {
      add: (begin) => void waiting.push(begin),
      remove: (begin) => void (waiting = waiting.filter((other) => other !== begin)),
    },
    mayShakeHands: () => mayShakeHands,
    onTooOften: ({ address, source }) => void news.push(`too often ${address} ${source}`),
    onSilent: (fault) => void news.push(fault),
  })(accepted, () => void news.push('passed'));

/** Resolves once the hello waits for its turn. */
const said = async (): Promise<void> => {
  client.write(HELLO);
  while (waiting.length === 0) await new Promise(setImmediate);
};

test('a peer that has said hello waits for its turn, and all that it said is still to be read', async () => {
  enter();
  await new Promise(setImmediate);
  expect(waiting).toEqual([]);
  await said();
  expect(news).toEqual([]);
  waiting[0]?.();
  expect(news).toEqual(['passed']);
  const [read] = (await once(accepted.resume(), 'data')) as [Buffer]; // As documented.
  expect(read).toEqual(HELLO);
});

test('one that has said a part of it does not: its turn would be over when the rest comes', async () => {
  enter();
  const parts = [HELLO.subarray(0, 1), HELLO.subarray(1, 5), HELLO.subarray(5, -1)];
  for (const part of parts) {
    accepted.emit('data', part);
    expect(waiting).toEqual([]);
  }
  accepted.emit('data', HELLO.subarray(-1));
  expect(waiting).toHaveLength(1);
  const [read] = (await once(accepted.resume(), 'data')) as [Buffer]; // As documented.
  expect(read).toEqual(HELLO);
});

test.each([
  ['no TLS', Buffer.from('G')],
  ['longer than any record', Buffer.of(22, 3, 1, 255, 255)],
])('what is %s is refused by TLS at once', (_what, bytes) => {
  enter();
  accepted.emit('data', bytes);
  expect(waiting).toHaveLength(1);
});

test('one that is reset while it waits leaves the queue, and has left', async () => {
  enter();
  await said();
  client.resetAndDestroy();
  await new Promise((resolve) => accepted.once('close', resolve));
  expect([waiting, news]).toEqual([[], ['ended']]);
});

test('one whose address has begun too many handshakes is closed at once, and nobody waits for it', async () => {
  mayShakeHands = false;
  enter();
  expect(accepted.destroyed).toBe(true);
  expect([waiting, news]).toEqual([[], ['too often 127.0.0.1 socket']]);
});

test('one that leaves without a word has left', async () => {
  enter();
  client.end();
  await once(accepted, 'close');
  expect([waiting, news]).toEqual([[], ['ended']]);
});
