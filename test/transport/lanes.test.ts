/** Which socket is read next, among those that have read their share of a turn. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ConnectionRef } from '../../src/machines/directory-messages.ts';
import { READ_SHARE_BYTES, WAITING_READERS_PER_TURN } from '../../src/protocol/limits.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';
import { attachConnectionEffects } from '../../src/transport/connection-effects.ts';
import type { DataPlane } from '../../src/transport/data-plane.ts';
import type { Turn } from '../../src/transport/turn.ts';
import { connect as connectIn, type ReadPeer } from '../support/read-peer.ts';
import { newTurn, turnEnds } from '../support/turns.ts';

let turn: Turn;
beforeEach(() => {
  turn = newTurn();
});

const connect = (role: Role, serverId: string, remote?: string): ReadPeer =>
  connectIn(turn, role, serverId, remote);

describe('of several sockets that have read their share', () => {
  const flood = (peers: readonly ReadPeer[]) => {
    for (const { adapter } of peers) adapter.reader.count(READ_SHARE_BYTES);
    expect(peers.map(({ isRead }) => isRead())).toEqual(peers.map(() => false));
  };
  const whoIsRead = (peers: readonly ReadPeer[]) => peers.map(({ isRead }) => isRead());
  /** Which peers are read after each of the next turns. */
  const readInNext = async (turns: number, peers: readonly ReadPeer[]) => {
    const read = [];
    for (let i = 0; i < turns; i++) {
      await turnEnds();
      read.push(whoIsRead(peers));
    }
    return read;
  };

  test('one phone of a server-id is resumed in each turn, longest waiting first', async () => {
    const phones = [connect('phone', 's'), connect('phone', 's'), connect('phone', 's')];
    flood(phones);
    expect(await readInNext(3, phones)).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
  });

  test('one that floods again queues behind the others of its server-id', async () => {
    const phones = [connect('phone', 's'), connect('phone', 's'), connect('phone', 's')];
    flood(phones);
    await turnEnds();
    phones[0]?.adapter.reader.count(READ_SHARE_BYTES);
    expect(await readInNext(3, phones)).toEqual([
      [false, true, false],
      [false, true, true],
      [true, true, true],
    ]);
  });

  test('one that is read while it waits gets no second turn', async () => {
    const phones = [connect('phone', 's'), connect('phone', 's'), connect('phone', 's')];
    flood(phones);
    phones[0]?.adapter.reader.count(1);
    expect(await readInNext(3, phones)).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
    const { count } = turn;
    await turnEnds();
    expect(turn.count).toBe(count);
  });

  test('a phone of another server-id and each binary do not wait for one’s further phones', async () => {
    const peers = [
      connect('phone', 's'),
      connect('phone', 's'),
      connect('phone', 't'),
      connect('binary', 's'),
      connect('binary', 's'),
    ];
    flood(peers);
    expect(await readInNext(3, peers)).toEqual([
      [true, false, true, false, false],
      [true, false, true, true, true],
      [true, true, true, true, true],
    ]);
  });

  test('phones from elsewhere do not take the turns of a server-id’s own phones', async () => {
    const peers = ['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1', '192.0.2.1'].map((remote) =>
      connect('phone', 's', remote),
    );
    flood(peers);
    expect(await readInNext(2, peers)).toEqual([
      [true, false, true, false],
      [true, true, true, true],
    ]);
  });

  test('one that is paused or closed in the meantime passes its turn to the next', async () => {
    const phones = [
      connect('phone', 's'),
      connect('phone', 's'),
      connect('phone', 's'),
      connect('phone', 's'),
    ];
    flood(phones);
    phones[0]?.adapter.pause();
    phones[1]?.vanish();
    await turnEnds();
    expect([phones[0]?.isRead(), phones[2]?.isRead(), phones[3]?.isRead()]).toEqual([false, true, false]);
    phones[0]?.adapter.resume();
    await turnEnds();
    expect([phones[0]?.isRead(), phones[3]?.isRead()]).toEqual([false, true]);
    await turnEnds();
    expect(phones[0]?.isRead()).toBe(true);
  });

  test('closing connections share one lane, and no other connection waits for them', async () => {
    const leaving = [connect('phone', 's'), connect('phone', 't'), connect('binary', 'u')];
    for (const { adapter } of leaving) adapter.discardInput();
    const phone = connect('phone', 's');
    flood([...leaving, phone]);
    await turnEnds();
    expect(whoIsRead([...leaving, phone])).toEqual([true, false, false, true]);
    await turnEnds();
    expect(whoIsRead(leaving)).toEqual([true, true, false]);
  });
});

test('phones that are resumed together are read one per turn', async () => {
  const phones = [connect('phone', 's'), connect('phone', 's'), connect('phone', 's')];
  for (const { adapter } of phones) adapter.pause();
  for (const { adapter } of phones) adapter.resume();
  expect(phones.map(({ told }) => told.at(-1))).toEqual(phones.map(() => 'socket.resumed'));
  expect(phones.map(({ isRead }) => isRead())).toEqual([false, false, false]);
  await turnEnds();
  expect(phones.map(({ isRead }) => isRead())).toEqual([true, false, false]);
  await turnEnds();
  await turnEnds();
  expect(phones.map(({ isRead }) => isRead())).toEqual([true, true, true]);
});

test('every reader gets a turn, and turns end when no reader waits', async () => {
  const phones = Array.from({ length: 200 }, (_, n) => connect('phone', `s${n % 7}`));
  for (const { adapter } of phones) adapter.reader.count(READ_SHARE_BYTES);
  let turns = 0;
  for (; phones.some(({ isRead }) => !isRead()); turns++) await turnEnds();
  expect(turns).toBe(200 / WAITING_READERS_PER_TURN);
  const { count } = turn;
  await turnEnds();
  await turnEnds();
  expect(turn.count).toBe(count);
});

test('closing connections are resumed, and take turns in their own lane', async () => {
  const [left, other] = [connect('phone', 's'), connect('phone', 't')];
  const plane = { observer: { observe: () => {} } } as unknown as DataPlane; // Discarding uses nothing else.
  for (const { adapter, ref } of [left, other]) {
    attachConnectionEffects(plane, adapter, ref as unknown as ConnectionRef); // Only its events are used.
    adapter.pause();
    ref.emit({ type: 'discard.due' });
  }
  expect([left.told.at(-1), other.told.at(-1)]).toEqual(['socket.resumed', 'socket.resumed']);
  await turnEnds();
  expect([left.isRead(), other.isRead()]).toEqual([true, false]);
  await turnEnds();
  expect([left.isRead(), other.isRead()]).toEqual([true, true]);
});
