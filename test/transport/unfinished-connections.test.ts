import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { namePeer } from '../../src/transport/peer-of.ts';
import { UnfinishedConnections } from '../../src/transport/unfinished-connections.ts';

const DEADLINE_MS = 10_000;

/** As much of a socket as is used here. */
class FakeSocket extends EventEmitter {
  isDestroyed = false;
  remoteAddress: string;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  get asSocket(): Socket {
    return this as unknown as Socket; // Only `once` and `destroy` are called.
  }

  destroy(): void {
    this.isDestroyed = true;
    this.emit('close');
  }
}

let ended: string[];
let sockets: FakeSocket[];
const start = (maxConnections = 100): UnfinishedConnections => {
  ended = [];
  sockets = [];
  return new UnfinishedConnections({
    deadlineMs: DEADLINE_MS,
    maxConnections: () => maxConnections,
    onEnded: (limit, socket) =>
      ended.push(`${limit} ${sockets.findIndex(({ asSocket }) => asSocket === socket)}`),
  });
};

const take = (unfinished: UnfinishedConnections, address = '192.0.2.1'): FakeSocket => {
  const socket = new FakeSocket(address);
  sockets.push(socket);
  unfinished.take(socket.asSocket);
  return socket;
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the deadline counts from accept: each ends at its own, and no earlier', () => {
  const unfinished = start();
  take(unfinished);
  vi.advanceTimersByTime(4_000);
  take(unfinished);
  vi.advanceTimersByTime(DEADLINE_MS - 4_000 - 1);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(2);
  expect(ended).toEqual(['deadline 0']);
  vi.advanceTimersByTime(4_000);
  expect(ended).toEqual(['deadline 0', 'deadline 1']);
  expect(sockets.every(({ isDestroyed }) => isDestroyed)).toBe(true);
});

test('no byte extends it', () => {
  const unfinished = start();
  const socket = take(unfinished);
  for (let i = 0; i < 12; i++) {
    socket.emit('data', Buffer.from('x'));
    vi.advanceTimersByTime(1_000);
  }
  expect(ended).toEqual(['deadline 0']);
});

test('who has finished, or has closed, is forgotten, and then no timer runs', () => {
  const unfinished = start();
  const first = take(unfinished);
  unfinished.finish(first.asSocket);
  take(unfinished).destroy();
  expect(unfinished.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  take(unfinished);
  vi.advanceTimersByTime(DEADLINE_MS + 1);
  expect(ended).toEqual(['deadline 2']);
  expect(first.isDestroyed).toBe(false);
});

test('at the bound the oldest goes', () => {
  const unfinished = start(3);
  for (let i = 0; i < 5; i++) take(unfinished);
  expect(ended).toEqual(['unfinished 0', 'unfinished 1']);
  expect(unfinished.size).toBe(3);
});

test('one may always be unfinished, whatever else holds descriptors', () => {
  const unfinished = start(-5);
  take(unfinished);
  take(unfinished);
  expect(ended).toEqual(['unfinished 0']);
  expect(unfinished.size).toBe(1);
});

test('one address that floods pushes out its own, and nobody else', () => {
  const unfinished = start(10);
  const slow = take(unfinished, '192.0.2.2');
  for (let i = 0; i < 100; i++) take(unfinished, '192.0.2.1');
  expect(slow.isDestroyed).toBe(false);
  expect(ended[0]).toBe('unfinished 1');
  expect(unfinished.size).toBe(10);
});

test('all addresses of an IPv6 subscriber are one', () => {
  const unfinished = start(10);
  const slow = take(unfinished, '2001:db8:0:2::1');
  for (let i = 0; i < 100; i++) take(unfinished, `2001:db8:0:1::${i.toString(16)}`);
  expect(slow.isDestroyed).toBe(false);
});

test('behind a proxy, a client that floods pushes out its own, once the proxy has named it', () => {
  const unfinished = start(10);
  const named = (client: string): FakeSocket => {
    const socket = take(unfinished, '192.0.2.1');
    namePeer(socket.asSocket, client);
    unfinished.regroup(socket.asSocket);
    return socket;
  };
  const slow = named('198.51.100.2');
  for (let i = 0; i < 100; i++) named('198.51.100.1');
  expect(slow.isDestroyed).toBe(false);
  expect(ended[0]).toBe('unfinished 1');
  expect(unfinished.size).toBe(10);
});

test('one that has finished before it is named stays forgotten', () => {
  const unfinished = start();
  const socket = take(unfinished);
  unfinished.finish(socket.asSocket);
  namePeer(socket.asSocket, '198.51.100.1');
  unfinished.regroup(socket.asSocket);
  expect(unfinished.endOne()).toBe(false);
  expect(socket.isDestroyed).toBe(false);
});
