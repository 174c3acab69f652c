/** When the HTTP parser is given a request head: a few in each turn of the event loop. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HandshakeTurns } from '../../src/transport/handshake-turns.ts';
import { RequestStream } from '../../src/transport/request-stream.ts';
import { turnEnds } from '../support/turns.ts';

const HEAD = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

const server = createServer({ allowHalfOpen: true });
const clients: Socket[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  server.close();
});

/** Three connections, of which one has a turn at a time. */
const openThree = async () => {
  const turns = new HandshakeTurns({
    perTurn: 1,
    failed: (error) => {
      throw error;
    },
  });
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not bound');
  const open = async () => {
    clients.push(connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true }));
    const [socket] = (await once(server, 'connection')) as [Socket]; // As documented.
    const stream = new RequestStream(socket, turns);
    const given: string[] = [];
    stream.on('data', (chunk: Buffer) => given.push(chunk.toString()));
    stream.on('end', () => given.push('end'));
    return { socket, stream, given };
  };
  return [await open(), await open(), await open()] as const;
};

test('of heads that come together, one waits for the next turn', async () => {
  const [first, second] = await openThree();
  for (const { socket } of [first, second]) socket.emit('data', Buffer.from(HEAD));
  expect([first.given, second.given]).toEqual([[HEAD], []]);
  await turnEnds();
  expect(second.given).toEqual([HEAD]);
});

test('what follows a head that waits is not given to the parser, and the socket waits', async () => {
  const [first, second] = await openThree();
  for (const { socket } of [first, second]) socket.emit('data', Buffer.from(HEAD));
  second.socket.emit('data', Buffer.from('more'));
  expect(second.socket.isPaused()).toBe(true);
  await turnEnds();
  expect(second.given).toEqual([HEAD]);
  expect(second.stream.release().toString()).toBe('more');
});

test('an end behind a head that waits comes after it', async () => {
  const [first, second] = await openThree();
  for (const { socket } of [first, second]) socket.emit('data', Buffer.from(HEAD));
  second.socket.emit('end');
  await turnEnds();
  await turnEnds();
  expect(second.given).toEqual([HEAD, 'end']);
});

test('one that is answered while it waits, as its time is over, is not parsed', async () => {
  const [first, second] = await openThree();
  for (const { socket } of [first, second]) socket.emit('data', Buffer.from(HEAD));
  second.stream.discardRest();
  await turnEnds();
  expect(second.given).toEqual([]);
});

test('one that is closed while it waits gives its turn to the next', async () => {
  const opened = await openThree();
  for (const { socket } of opened) socket.emit('data', Buffer.from(HEAD));
  const [first, second, third] = opened;
  second.stream.destroy();
  await turnEnds();
  expect([first.given, second.given, third.given]).toEqual([[HEAD], [], [HEAD]]);
});
