/** A real adapter on a socket that only says whether it is read, with a chart that emits what the test says. */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { ConnectionEmitted } from '../../src/machines/connection-messages.ts';
import type { ConnectionRef } from '../../src/machines/directory.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';
import { ConnectionAdapter } from '../../src/transport/connection-adapter.ts';
import type { Turn } from '../../src/transport/turn.ts';

/** The end of this turn of the event loop. */
export const turnEnds = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

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

export interface ReadPeer {
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

export const connect = (turn: Turn, role: Role, serverId: string): ReadPeer => {
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
