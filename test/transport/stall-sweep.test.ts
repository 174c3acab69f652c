/** The stall sweep over real adapters, on a clock that the test moves. Turns end when the test decides. */
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { BacklogLedger } from '../../src/admission/backlog-ledger.ts';
import type { ConnectionRef } from '../../src/machines/directory-messages.ts';
import {
  READ_SHARE_BYTES,
  STALL_REST_MS,
  STALL_SLICE_MS,
  STALL_SWEEP_SLICE,
} from '../../src/protocol/limits.ts';
import { ConnectionAdapter } from '../../src/transport/connection-adapter.ts';
import type { DataPlane } from '../../src/transport/data-plane.ts';
import type { Observation } from '../../src/transport/observation.ts';
import { startStallSweep } from '../../src/transport/stall-sweep.ts';
import type { Turn } from '../../src/transport/turn.ts';
import { IDLE_RECEIVER } from '../support/idle-receiver.ts';

const MESSAGE_TIMEOUT_MS = 30_000;
const WRITE_TIMEOUT_MS = 50_000;
const HEARTBEAT_TIMEOUT_MS = 20_000;
const SWEEP_MS = 1_000;
/** ws in the middle of a message. */
const PARTIAL = { ...IDLE_RECEIVER, _state: 5, _bufferedBytes: 100, _opcode: 1 };
/** Between two fragments of a message. */
const FRAGMENTED = { ...IDLE_RECEIVER, _fragmented: 1, _opcode: 1 };

/** The test itself gives each waiting reader its turn. */
const turn = { count: 1, queue: () => {}, add: () => {} } as unknown as Turn; // An adapter uses nothing else.

interface Swept {
  readonly adapter: ConnectionAdapter;
  /** Events sent to its chart. */
  readonly told: string[];
  readonly ws: { _receiver: typeof IDLE_RECEIVER };
  /** Payloads of the pings sent to it. */
  readonly pings: string[];
  /** Completes the write in progress. */
  readonly finishWrite: () => void;
}

let adapters: Map<string, ConnectionAdapter>;
let observed: Observation[];
let endSweep: () => void;

const connect = (connId = 'c-0123456789abcdef'): Swept => {
  const told: string[] = [];
  const pings: string[] = [];
  const ws = {
    isPaused: false,
    pause: () => {},
    resume: () => {},
    ping: (payload: string) => void pings.push(payload),
    readyState: 1,
    _receiver: IDLE_RECEIVER,
  };
  let finish = (): void => {};
  const socket = {
    writable: true,
    write: (_bytes: Uint8Array, done?: () => void) => {
      if (done !== undefined) finish = done;
      return true;
    },
    cork: () => {},
    uncork: () => {},
  };
  const adapter = new ConnectionAdapter(
    {
      connId,
      role: 'phone',
      serverId: 's',
      binaryVersion: '',
      deviceName: '',
      remote: '127.0.0.1',
      source: 'socket',
      ws: ws as unknown as WebSocket, // Reading and the sweep use nothing else.
      socket: socket as unknown as Socket, // An outbox uses nothing else.
    },
    turn,
    new BacklogLedger(Number.POSITIVE_INFINITY, () => {}),
    { isSampled: () => false, written: () => {}, sampled: () => {} },
  );
  const chart = { send: ({ type }: { readonly type: string }) => void told.push(type) };
  adapter.chart = chart as unknown as ConnectionRef; // The adapter only sends to it.
  adapters.set(connId, adapter);
  return { adapter, told, pings, ws, finishWrite: () => finish() };
};

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'performance'],
  });
  adapters = new Map();
  observed = [];
  const plane = { adapters, observer: { observe: (seen: Observation) => void observed.push(seen) } };
  endSweep = startStallSweep(plane as unknown as DataPlane, {
    messageTimeoutMs: MESSAGE_TIMEOUT_MS,
    writeTimeoutMs: WRITE_TIMEOUT_MS,
    heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
  });
  // The fake clock runs an immediate 1 ms after the timer that set it, so each sweep is done when its second is over.
  vi.advanceTimersByTime(1);
});
afterEach(() => {
  endSweep();
  vi.useRealTimers();
});

describe('stalls of many connections', () => {
  const COUNT = 5;
  let peers: Swept[];
  beforeEach(() => {
    peers = Array.from({ length: COUNT }, (_, n) => connect(`c-${n}`));
    for (const { ws } of peers) ws._receiver = PARTIAL;
    vi.advanceTimersByTime(MESSAGE_TIMEOUT_MS);
  });
  const told = (): number => peers.filter((peer) => peer.told.length > 0).length;

  test('that take long are reported one after the other, with a rest between', () => {
    const now = performance.now.bind(performance);
    let spentMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now() + spentMs);
    for (const { adapter } of peers) {
      const { send } = adapter.chart;
      adapter.chart.send = (event) => {
        spentMs += STALL_SLICE_MS;
        send(event);
      };
    }
    vi.advanceTimersByTime(SWEEP_MS);
    expect(told()).toBe(1);
    vi.advanceTimersByTime(STALL_REST_MS - 1);
    expect(told()).toBe(1);
    for (let rests = 2; rests <= COUNT; rests++) {
      // And an immediate, which takes the fake clock 1 ms.
      vi.advanceTimersByTime(STALL_REST_MS + 1);
      expect(told()).toBe(rests);
    }
  });

  test('that take no time are reported together', () => {
    vi.advanceTimersByTime(SWEEP_MS);
    expect(told()).toBe(COUNT);
  });
});

describe('a message that has begun', () => {
  let peer: Swept;
  beforeEach(() => {
    peer = connect();
    peer.ws._receiver = PARTIAL;
  });

  test('and is not completed is reported after the timeout', () => {
    vi.advanceTimersByTime(MESSAGE_TIMEOUT_MS);
    expect(peer.told).toEqual([]);
    vi.advanceTimersByTime(SWEEP_MS);
    expect(peer.told).toEqual(['message.stalled']);
  });

  test('is not reported while messages keep completing', () => {
    for (let passedMs = 0; passedMs < 3 * MESSAGE_TIMEOUT_MS; passedMs += 10 * SWEEP_MS) {
      peer.adapter.messagesRead++;
      vi.advanceTimersByTime(10 * SWEEP_MS);
    }
    expect(peer.told).toEqual([]);
  });

  test('is reported although its pings are answered: control frames do not count as progress', () => {
    peer.ws._receiver = FRAGMENTED;
    for (let passedMs = 0; passedMs <= MESSAGE_TIMEOUT_MS; passedMs += SWEEP_MS) {
      peer.adapter.liveness.controlFramesRead++;
      vi.advanceTimersByTime(SWEEP_MS);
    }
    expect(peer.told).toEqual(['message.stalled']);
  });

  test('is not reported for the time its socket waited for a turn, but is reported afterwards', () => {
    vi.advanceTimersByTime(10_000);
    peer.adapter.reader.count(READ_SHARE_BYTES);
    vi.advanceTimersByTime(MESSAGE_TIMEOUT_MS);
    // ws may resume a socket by itself. Its wait continues all the same.
    peer.adapter.reader.count(1);
    vi.advanceTimersByTime(MESSAGE_TIMEOUT_MS);
    expect(peer.told).toEqual([]);
    peer.adapter.reader.takeTurn();
    vi.advanceTimersByTime(MESSAGE_TIMEOUT_MS - 10_000);
    expect(peer.told).toEqual([]);
    vi.advanceTimersByTime(SWEEP_MS);
    expect(peer.told).toEqual(['message.stalled']);
  });

  test('is not reported if bytes that arrived before the sweep complete it', () => {
    vi.advanceTimersByTime(MESSAGE_TIMEOUT_MS + SWEEP_MS - 1);
    // The sweep is due, but sockets have not been read yet.
    peer.ws._receiver = IDLE_RECEIVER;
    peer.adapter.messagesRead++;
    vi.advanceTimersByTime(SWEEP_MS);
    expect(peer.told).toEqual([]);
  });

  test('has the whole timeout again after back-pressure has paused its socket', () => {
    vi.advanceTimersByTime(MESSAGE_TIMEOUT_MS);
    peer.adapter.pause();
    vi.advanceTimersByTime(3 * MESSAGE_TIMEOUT_MS);
    peer.adapter.resume();
    peer.adapter.reader.takeTurn();
    vi.advanceTimersByTime(MESSAGE_TIMEOUT_MS);
    expect(peer.told).toEqual(['socket.paused', 'socket.resumed']);
    vi.advanceTimersByTime(SWEEP_MS);
    expect(peer.told.at(-1)).toBe('message.stalled');
  });
});

describe('a write', () => {
  const enqueue = ({ adapter }: Swept, bytes: number): void => {
    const nothing = Buffer.of();
    adapter.outbox.enqueue({ head: nothing, body: Buffer.alloc(bytes), tail: nothing, isForwarded: true });
    adapter.outbox.flush();
  };

  test('that does not complete is reported after its own timeout', () => {
    const peer = connect();
    enqueue(peer, 1);
    vi.advanceTimersByTime(WRITE_TIMEOUT_MS);
    expect(peer.told).toEqual([]);
    vi.advanceTimersByTime(SWEEP_MS);
    expect(peer.told).toEqual(['write.stalled']);
  });

  test('of a long message is not reported while its fragments are written in time', () => {
    const peer = connect();
    enqueue(peer, 300_000);
    for (let fragments = 0; fragments < 4; fragments++) {
      vi.advanceTimersByTime(WRITE_TIMEOUT_MS - SWEEP_MS);
      peer.finishWrite();
    }
    expect(peer.adapter.outbox.isWriting).toBe(true);
    expect(peer.told).toEqual([]);
  });

  test('that does not complete is not reported while pongs show that the peer reads', () => {
    const peer = connect();
    enqueue(peer, 300_000);
    // Two of the fragments make a mark.
    for (let fragments = 0; fragments < 4; fragments++) peer.finishWrite();
    expect(peer.pings).toHaveLength(2);
    for (const ping of peer.pings) {
      vi.advanceTimersByTime(WRITE_TIMEOUT_MS - SWEEP_MS);
      peer.adapter.liveness.readPong(Buffer.from(ping));
    }
    vi.advanceTimersByTime(WRITE_TIMEOUT_MS - SWEEP_MS);
    expect(peer.told).toEqual([]);
    // Of no ping that was sent.
    peer.adapter.liveness.readPong(Buffer.from('3'));
    vi.advanceTimersByTime(2 * SWEEP_MS);
    expect(peer.told).toEqual(['write.stalled']);
  });

  test('that does not complete is reported although the peer guesses the payloads of its pings', () => {
    const peer = connect();
    enqueue(peer, 300_000);
    for (let fragments = 0; fragments < 4; fragments++) peer.finishWrite();
    expect(peer.pings).toHaveLength(2);
    for (let guess = 1; guess <= 3; guess++) {
      vi.advanceTimersByTime(WRITE_TIMEOUT_MS / 2);
      for (const text of [String(guess), `0${guess}`, `${guess}.`, peer.pings[0]?.slice(0, guess) ?? '']) {
        peer.adapter.liveness.readPong(Buffer.from(text));
      }
    }
    expect(peer.told).toContain('write.stalled');
  });

  test('that does not complete is reported later if the peer sends: its pongs may wait behind its data', () => {
    const peer = connect();
    enqueue(peer, 1);
    for (let passedMs = 0; passedMs < WRITE_TIMEOUT_MS + HEARTBEAT_TIMEOUT_MS; passedMs += SWEEP_MS) {
      expect(peer.told).toEqual([]);
      peer.adapter.liveness.noteHeard(1);
      vi.advanceTimersByTime(SWEEP_MS);
    }
    vi.advanceTimersByTime(SWEEP_MS);
    expect(peer.told).toEqual(['write.stalled']);
  });
});

test('a silent connection is not reported', () => {
  const peer = connect();
  vi.advanceTimersByTime(3 * WRITE_TIMEOUT_MS);
  expect(peer.told).toEqual([]);
});

test('a connection on which the sweep throws is counted as a fault, and the others are swept', () => {
  const broken = connect('c-0000000000000000');
  const other = connect('c-1111111111111111');
  Reflect.set(broken.ws, '_receiver', undefined);
  other.ws._receiver = PARTIAL;
  vi.advanceTimersByTime(MESSAGE_TIMEOUT_MS + SWEEP_MS);
  expect(other.told).toEqual(['message.stalled']);
  expect(observed).toContainEqual({ type: 'effect.failed', err: 'TypeError' });
});

describe('many connections', () => {
  const COUNT = 3 * STALL_SWEEP_SLICE;
  let swept: number;
  beforeEach(() => {
    swept = 0;
    for (let n = 0; n < COUNT; n++) {
      const { ws } = connect(`c-${String(n).padStart(16, '0')}`);
      Object.defineProperty(ws, '_receiver', {
        configurable: true,
        get: () => {
          swept++;
          return IDLE_RECEIVER;
        },
      });
    }
  });

  test('are swept a slice at a time, each once, and the loop turns in between', () => {
    // To the timer, and to the first slice.
    vi.advanceTimersByTime(SWEEP_MS - 1);
    expect(swept).toBe(0);
    for (let slices = 1; slices <= 3; slices++) {
      vi.advanceTimersByTime(1);
      expect(swept).toBe(slices * STALL_SWEEP_SLICE);
    }
    vi.advanceTimersByTime(SWEEP_MS / 2);
    expect(swept).toBe(COUNT);
  });

  test('that take longer than the interval are swept to the end before another sweep begins', () => {
    const { adapter } = connect();
    const sweeps = vi.spyOn(adapters, 'values').mockImplementation(function* (): Generator<
      ConnectionAdapter,
      undefined
    > {
      // More than two intervals take.
      for (let n = 0; n < 4 * SWEEP_MS * STALL_SWEEP_SLICE; n++) yield adapter;
      return undefined;
    });
    vi.advanceTimersByTime(2 * SWEEP_MS + 1);
    expect(sweeps).toHaveBeenCalledTimes(1);
  });

  test('are no longer swept if one of them ends the sweeps', () => {
    const [first] = adapters.values();
    Object.defineProperty(first?.ws, '_receiver', {
      get: () => {
        endSweep();
        return IDLE_RECEIVER;
      },
    });
    vi.advanceTimersByTime(3 * SWEEP_MS);
    expect(swept).toBe(0);
  });

  test('are no longer swept after the end, in the middle of a sweep', () => {
    vi.advanceTimersByTime(SWEEP_MS);
    endSweep();
    vi.advanceTimersByTime(SWEEP_MS);
    expect(swept).toBe(STALL_SWEEP_SLICE);
  });
});

test.each([
  ['between two sweeps', 0],
  ['when one is due', SWEEP_MS - 1],
])('no connection is swept after the end, %s', (_, lastMs) => {
  const peer = connect();
  peer.ws._receiver = PARTIAL;
  vi.advanceTimersByTime(MESSAGE_TIMEOUT_MS + lastMs);
  endSweep();
  vi.advanceTimersByTime(MESSAGE_TIMEOUT_MS);
  expect(peer.told).toEqual([]);
});
