/** Stops and starts the reading of real sockets. An upgrade of Node that reads in another way is noticed. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startReading, stopReading } from '../../src/transport/socket-handle.ts';

/** More than one read, and less than the kernel takes. */
const SENT = Buffer.alloc(150_000, 'x');

let server: Server;
/** The end that is stopped, and its peer. */
let socket: Socket;
let peer: Socket;
/** A connection beside it. */
let other: Socket;
let otherPeer: Socket;

const pair = async (): Promise<[Socket, Socket]> => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on TCP');
  const dialled = connect(address.port, '127.0.0.1');
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(dialled, 'connect')]);
  const ends: [Socket, Socket] = [accepted as Socket, dialled]; // As documented for this event.
  // A test can end in the middle of a write.
  for (const end of ends) end.on('error', () => {});
  return ends;
};

beforeEach(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  [socket, peer] = await pair();
  [other, otherPeer] = await pair();
});
afterEach(() => {
  for (const end of [socket, peer, other, otherPeer]) end.destroy();
  server.close();
});

/** What is sent beside it now has arrived, so the loop has looked at all sockets since. */
const turnsPass = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) {
    otherPeer.write('.');
    await once(other, 'data');
  }
};

const send = async (): Promise<void> => {
  await new Promise<void>((sent) => peer.write(SENT, () => sent()));
};

describe('a socket that is read and then stopped', () => {
  beforeEach(async () => {
    socket.resume();
    await turnsPass();
    stopReading(socket);
    // Node's own pause would read once more.
    socket.pause();
    await send();
    await turnsPass();
  });

  test('reads nothing more', () => {
    expect(socket.bytesRead).toBe(0);
    expect(socket.readableLength).toBe(0);
  });

  test('reads all that was sent once it is started again', async () => {
    let bytes = 0;
    startReading(socket);
    socket.on('data', (chunk) => (bytes += chunk.length));
    socket.resume();
    while (bytes < SENT.length) await once(socket, 'data');
    expect(bytes).toBe(SENT.length);
  });

  test('is not started by a resume alone: whoever stopped it starts it', async () => {
    socket.resume();
    await turnsPass();
    expect(socket.bytesRead).toBe(0);
  });

  test('hears that the peer has ended once it is started again', async () => {
    peer.end();
    await turnsPass();
    startReading(socket);
    socket.resume();
    await once(socket, 'end');
    expect(socket.bytesRead).toBe(SENT.length);
  });
});

test('a socket that Node has stopped itself is left to Node', async () => {
  socket.resume();
  await turnsPass();
  socket.pause();
  await send();
  // It reads until its buffer is full.
  while (socket.readableLength < socket.readableHighWaterMark) await turnsPass();
  stopReading(socket);
  startReading(socket);
  let bytes = 0;
  socket.on('data', (chunk) => (bytes += chunk.length));
  socket.resume();
  while (bytes < SENT.length) await once(socket, 'data');
  expect(bytes).toBe(SENT.length);
});

test('a destroyed socket is left alone', () => {
  socket.destroy();
  stopReading(socket);
  startReading(socket);
  expect(socket.destroyed).toBe(true);
});
