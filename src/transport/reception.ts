/** What a connection has received and not passed on. All of it is charged to its account. */
import type { WebSocket } from 'ws';
import type { BacklogAccount } from '../admission/backlog-ledger.ts';
import { ownBytes } from './joined-pieces.ts';
import { SocketInput } from './socket-input.ts';

export interface HeldMessage {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

export class Reception {
  readonly #input: SocketInput;
  readonly #account: BacklogAccount<unknown>;
  #held: HeldMessage | undefined;

  constructor(ws: WebSocket, account: BacklogAccount<unknown>) {
    this.#input = new SocketInput(ws);
    this.#account = account;
  }

  /** Bytes of messages that were received in part, or are held, or wait to be parsed. */
  get bytes(): number {
    return this.#input.bytes + (this.#held?.data.length ?? 0);
  }

  /** Call it whenever ws has parsed something, or what it has read was dropped. Not while it parses. */
  settle(): void {
    this.#input.settle();
    this.charge();
  }

  /** Call it whenever the bytes can have changed. */
  charge(): void {
    this.#account.receive(this.bytes);
  }

  /** Keeps a message. There is room for one: a further one is dropped. */
  hold({ data, isBinary }: HeldMessage): void {
    this.#held ??= { data: ownBytes(data), isBinary };
  }

  /** Returns the held message, and forgets it. */
  takeHeld(): HeldMessage | undefined {
    const held = this.#held;
    this.#held = undefined;
    this.charge();
    return held;
  }

  /** Forgets all of it. From now on, data frames are skipped. */
  discard(): void {
    this.#held = undefined;
    this.#input.discard();
    this.charge();
  }
}
