/**
 * What ws keeps of one socket between two reads: an incomplete message, or what waits to be parsed. It takes memory in
 * proportion to its bytes.
 */
import type { WebSocket } from 'ws';
import { JoinedPieces } from './joined-pieces.ts';
import { piecesOf, type Receiver, receiverOf } from './ws-receiver.ts';

export class SocketInput {
  readonly #ws: WebSocket;
  #knownReceiver: Receiver | undefined;
  readonly #unparsed = new JoinedPieces();
  readonly #fragments = new JoinedPieces();

  constructor(ws: WebSocket) {
    this.#ws = ws;
  }

  /** @throws if this version of ws keeps its state elsewhere */
  get #receiver(): Receiver {
    this.#knownReceiver ??= receiverOf(this.#ws);
    return this.#knownReceiver;
  }

  /** Call it whenever ws has parsed something. */
  settle(): void {
    const receiver = this.#receiver;
    const [unparsed, fragments] = piecesOf(receiver);
    this.#unparsed.join(unparsed);
    this.#fragments.join(fragments);
  }
}
