/** A real adapter on a fake socket that tracks whether it is being read, and with a fake chart driven by the test. */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { BacklogLedger } from '../../src/admission/backlog-ledger.ts';
import type { ConnectionEmitted } from '../../src/machines/connection-messages.ts';
import type { ConnectionRef } from '../../src/machines/directory-messages.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';
import { ConnectionAdapter } from '../../src/transport/connection-adapter.ts';
import type { Turn } from '../../src/transport/turn.ts';
import { IDLE_RECEIVER } from './idle-receiver.ts';

/** A fake chart: emits what the test tells it to, and records what it is sent. */
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

export interface ReadPeer {
  readonly adapter: ConnectionAdapter;
  readonly isRead: () => boolean;
  /** Whether Node reads the socket, be it for a stream that is paused. */
  readonly isReadByNode: () => boolean;
  /** Events sent to its chart. */
  readonly told: readonly string[];
  /** Ends its TCP connection. */
  readonly vanish: () => void;
  /** Simulates a protocol error, on which ws resumes the underlying socket by itself. */
  readonly breakProtocol: () => void;
  readonly ref: EmittingRef;
}

export const connect = (turn: Turn, role: Role, serverId: string, remote = '127.0.0.1'): ReadPeer => {
  let [isRead, isPaused, isReadByNode] = [true, false, true];
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
    _receiver: { ...IDLE_RECEIVER },
  };
  const handle = {
    reading: true,
    readStart: () => {
      isReadByNode = true;
      return 0;
    },
    readStop: () => {
      isReadByNode = false;
      return 0;
    },
  };
  const adapter = new ConnectionAdapter(
    {
      connId: 'c-0123456789abcdef',
      role,
      serverId,
      binaryVersion: '',
      deviceName: '',
      remote,
      source: 'socket',
      ws: ws as unknown as WebSocket, // The reading code uses nothing else.
      socket: { write: () => true, _handle: handle } as unknown as Socket, // Written bytes are ignored.
    },
    turn,
    new BacklogLedger(Number.POSITIVE_INFINITY, () => {}),
    { isSampled: () => false, written: () => {}, sampled: () => {} },
  );
  const ref = new EmittingRef(told);
  adapter.chart = ref as unknown as ConnectionRef; // The adapter only sends to it and listens to it.
  const vanish = (): void => {
    ws.readyState = WebSocket.CLOSED;
  };
  const breakProtocol = (): void => {
    isRead = true;
  };
  return {
    adapter,
    isRead: () => isRead,
    isReadByNode: () => isReadByNode,
    told,
    vanish,
    breakProtocol,
    ref,
  };
};
