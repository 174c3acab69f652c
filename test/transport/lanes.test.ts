/** Who is read on first of those that have had their share of a turn. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ConnectionRef } from '../../src/machines/directory.ts';
import { SHUTTING_DOWN } from '../../src/protocol/close-codes.ts';
import { READ_SHARE_BYTES } from '../../src/protocol/limits.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';
import { attachConnectionEffects } from '../../src/transport/connection-effects.ts';
import type { Exchange } from '../../src/transport/exchange.ts';
import { Turn } from '../../src/transport/turn.ts';
import { connect as connectIn, type ReadPeer, turnEnds } from '../support/read-peer.ts';

let turn: Turn;
beforeEach(() => {
  turn = new Turn();
});

const connect = (role: Role, serverId: string): ReadPeer => connectIn(turn, role, serverId);

describe('of several sockets that have had their share', () => {
  const flood = (peers: readonly ReadPeer[]) => {
    for (const { adapter } of peers) adapter.reading.count(READ_SHARE_BYTES);
    expect(peers.map(({ isRead }) => isRead())).toEqual(peers.map(() => false));
  };
  const whoIsRead = (peers: readonly ReadPeer[]) => peers.map(({ isRead }) => isRead());
  /** Who is read at the end of each of the next turns. */
  const whoIsReadIn = async (turns: number, peers: readonly ReadPeer[]) => {
    const read = [];
    for (let i = 0; i < turns; i++) {
      await turnEnds();
      read.push(whoIsRead(peers));
    }
    return read;
  };

  test('one phone of a server-id is read on in each turn, oldest first', async () => {
    const phones = [connect('phone', 's'), connect('phone', 's'), connect('phone', 's')];
    flood(phones);
    expect(await whoIsReadIn(3, phones)).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
  });

  test('who floods on waits behind those of its server-id that have waited longer', async () => {
    const phones = [connect('phone', 's'), connect('phone', 's'), connect('phone', 's')];
    flood(phones);
    await turnEnds();
    phones[0]?.adapter.reading.count(READ_SHARE_BYTES);
    expect(await whoIsReadIn(3, phones)).toEqual([
      [false, true, false],
      [false, true, true],
      [true, true, true],
    ]);
  });

  test('the phones of every server-id, and its binary, are read on in the same turn', async () => {
    const peers = [
      connect('phone', 's'),
      connect('phone', 't'),
      connect('binary', 's'),
      connect('binary', 's'),
    ];
    flood(peers);
    await turnEnds();
    expect(whoIsRead(peers)).toEqual([true, true, true, true]);
  });

  test('one that is held back meanwhile, or gone, leaves its turn to the next', async () => {
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

  test('those on their way out wait for each other, and nobody for them', async () => {
    const leaving = [connect('phone', 's'), connect('phone', 't'), connect('binary', 'u')];
    for (const { adapter } of leaving) adapter.close(SHUTTING_DOWN, () => {});
    const phone = connect('phone', 's');
    flood([...leaving, phone]);
    await turnEnds();
    expect(whoIsRead([...leaving, phone])).toEqual([true, false, false, true]);
    await turnEnds();
    expect(whoIsRead(leaving)).toEqual([true, true, false]);
  });
});

test('those that one binary held back are let go together, and read one after the other', async () => {
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

test('nobody waits for ever, and nothing goes on once all are read', async () => {
  const phones = Array.from({ length: 200 }, (_, n) => connect('phone', `s${n % 7}`));
  for (const { adapter } of phones) adapter.reading.count(READ_SHARE_BYTES);
  let turns = 0;
  for (; phones.some(({ isRead }) => !isRead()); turns++) await turnEnds();
  expect(turns).toBe(Math.ceil(200 / 7));
  const { count } = turn;
  await turnEnds();
  await turnEnds();
  expect(turn.count).toBe(count);
});

test('whoever has left is let go, and waits with the others that have', async () => {
  const [left, other] = [connect('phone', 's'), connect('phone', 't')];
  const exchange = {
    observer: { observe: () => {} },
    directory: { getSnapshot: () => ({ context: { servers: new Map() } }) },
  } as unknown as Exchange; // No server is there to be told.
  for (const { adapter, ref } of [left, other]) {
    attachConnectionEffects(exchange, adapter, ref as unknown as ConnectionRef);
    adapter.pause();
    ref.emit({ type: 'connection.left', cause: 'protocol_error' });
  }
  expect([left.told.at(-1), other.told.at(-1)]).toEqual(['socket.resumed', 'socket.resumed']);
  await turnEnds();
  expect([left.isRead(), other.isRead()]).toEqual([true, false]);
  await turnEnds();
  expect([left.isRead(), other.isRead()]).toEqual([true, true]);
});
