/** Who reads how much in a turn of the event loop: a real adapter, on a socket that only says whether it is read. */
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ConnectionEmitted } from '../../src/machines/connection-messages.ts';
import type { ConnectionRef } from '../../src/machines/directory.ts';
import { SHUTTING_DOWN } from '../../src/protocol/close-codes.ts';
import { READ_SHARE_BYTES } from '../../src/protocol/limits.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';
import { ConnectionAdapter } from '../../src/transport/connection-adapter.ts';
import { attachConnectionEffects } from '../../src/transport/connection-effects.ts';
import type { Exchange } from '../../src/transport/exchange.ts';
import { Turn } from '../../src/transport/turn.ts';

const turnEnds = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A chart that emits what the test says. */
class EmittingRef {
  readonly #told: string[];
  #listener: ((emitted: ConnectionEmitted) => void) | undefined;

  constructor(told: string[]) {
    this.#told = told;
  }

  send({ type }: { readonly type: string }): void {
    this.#told.push(type);
  }

  on(_all: '*', listener: (emitted: ConnectionEmitted) => void): void {
    this.#listener = listener;
  }

  emit(emitted: ConnectionEmitted): void {
    this.#listener?.(emitted);
  }
}

interface Peer {
  readonly adapter: ConnectionAdapter;
  readonly isRead: () => boolean;
  /** What its chart was told. */
  readonly told: readonly string[];
  /** Its TCP connection has ended. */
  readonly vanish: () => void;
  /** ws has the socket under it read on, and does not say so. */
  readonly breakProtocol: () => void;
  readonly ref: EmittingRef;
}

let turn: Turn;
beforeEach(() => {
  turn = new Turn();
});

const connect = (role: Role, serverId: string): Peer => {
  let [isRead, isPaused] = [true, false];
  const told: string[] = [];
  const ws = {
    readyState: WebSocket.OPEN as number,
    get isPaused() {
      return isPaused;
    },
    pause: () => {
      [isRead, isPaused] = [false, true];
    },
    resume: () => {
      [isRead, isPaused] = [true, false];
    },
    close: () => {},
  };
  const adapter = new ConnectionAdapter(
    {
      connId: 'c-0123456789abcdef',
      role,
      serverId,
      binaryVersion: '',
      deviceName: '',
      remote: '127.0.0.1',
      ws: ws as unknown as WebSocket, // All of it that reading touches.
      socket: { write: () => true } as unknown as Socket, // Nothing comes of what is written here.
    },
    turn,
    () => {},
  );
  const ref = new EmittingRef(told);
  adapter.chart = ref as unknown as ConnectionRef; // It is only told things, and listened to.
  const vanish = (): void => {
    ws.readyState = WebSocket.CLOSED;
  };
  const breakProtocol = (): void => {
    isRead = true;
  };
  return { adapter, isRead: () => isRead, told, vanish, breakProtocol, ref };
};

describe('one socket', () => {
  let isRead: () => boolean;
  let told: readonly string[];
  let adapter: ConnectionAdapter;
  beforeEach(() => {
    ({ adapter, isRead, told } = connect('phone', 's'));
  });

  test('is read as long as it has not had its share of the turn', () => {
    adapter.reading.count(READ_SHARE_BYTES - 1);
    expect(isRead()).toBe(true);
  });

  test('is left alone once it has, until the next turn, without a word to its chart', async () => {
    adapter.reading.count(READ_SHARE_BYTES / 2);
    adapter.reading.count(READ_SHARE_BYTES / 2);
    expect(isRead()).toBe(false);
    expect(adapter.isPaused).toBe(false);
    await turnEnds();
    expect(isRead()).toBe(true);
    expect(told).toEqual([]);
  });

  test('has a whole share again in each turn', async () => {
    for (let n = 0; n < 3; n++) {
      adapter.reading.count(READ_SHARE_BYTES - 1);
      expect(isRead()).toBe(true);
      adapter.reading.count(1);
      expect(isRead()).toBe(false);
      await turnEnds();
    }
  });

  test('that is held back stays so when the turn ends', async () => {
    adapter.reading.count(READ_SHARE_BYTES);
    adapter.pause();
    await turnEnds();
    expect(isRead()).toBe(false);
    expect(adapter.isPaused).toBe(true);
    adapter.resume();
    expect(told).toEqual(['socket.paused', 'socket.resumed']);
    await turnEnds();
    expect(isRead()).toBe(true);
  });

  test('that is let go within the turn waits for the end of it', async () => {
    adapter.pause();
    adapter.reading.count(READ_SHARE_BYTES);
    adapter.resume();
    expect(isRead()).toBe(false);
    await turnEnds();
    expect(isRead()).toBe(true);
  });
});

describe('of several sockets that have had their share', () => {
  const flood = (peers: readonly Peer[]) => {
    for (const { adapter } of peers) adapter.reading.count(READ_SHARE_BYTES);
    expect(peers.map(({ isRead }) => isRead())).toEqual(peers.map(() => false));
  };
  const whoIsRead = (peers: readonly Peer[]) => peers.map(({ isRead }) => isRead());

  test('one phone of a server-id is read on in each turn, oldest first', async () => {
    const phones = [connect('phone', 's'), connect('phone', 's'), connect('phone', 's')];
    flood(phones);
    await turnEnds();
    expect(whoIsRead(phones)).toEqual([true, false, false]);
    await turnEnds();
    expect(whoIsRead(phones)).toEqual([true, true, false]);
    await turnEnds();
    expect(whoIsRead(phones)).toEqual([true, true, true]);
  });

  test('who floods on waits behind those of its server-id that have waited longer', async () => {
    const phones = [connect('phone', 's'), connect('phone', 's'), connect('phone', 's')];
    flood(phones);
    await turnEnds();
    phones[0]?.adapter.reading.count(READ_SHARE_BYTES);
    await turnEnds();
    expect(whoIsRead(phones)).toEqual([false, true, false]);
    await turnEnds();
    expect(whoIsRead(phones)).toEqual([false, true, true]);
    await turnEnds();
    expect(whoIsRead(phones)).toEqual([true, true, true]);
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

describe('one that has broken the protocol, and is read on behind our back,', () => {
  test('is paused again for as long as it is held back', () => {
    const { adapter, isRead, breakProtocol } = connect('phone', 's');
    adapter.pause();
    breakProtocol();
    adapter.reading.count(READ_SHARE_BYTES);
    expect(isRead()).toBe(false);
  });

  test('and for as long as it waits for its turn', async () => {
    const { adapter, isRead, breakProtocol } = connect('phone', 's');
    adapter.reading.count(READ_SHARE_BYTES);
    breakProtocol();
    adapter.reading.count(1);
    expect(isRead()).toBe(false);
    await turnEnds();
    expect(isRead()).toBe(true);
    adapter.reading.count(READ_SHARE_BYTES);
    expect(isRead()).toBe(false);
  });
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
