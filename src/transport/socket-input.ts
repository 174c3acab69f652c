/**
 * What ws keeps of one socket between two reads: an incomplete message, or what waits to be parsed. It takes memory in
 * proportion to its bytes, or at most 64 KiB that the message before took, which are counted. Nothing is kept of the messages
 * of a connection that leaves.
 */
import type { WebSocket } from 'ws';
import { ControlFrames } from './control-frames.ts';
import { JoinedPieces } from './joined-pieces.ts';
import {
  divert,
  isParsing,
  isWithinPayload,
  keptBytes,
  piecesOf,
  type Receiver,
  receiverOf,
  stopParsing,
} from './ws-receiver.ts';

const MASK_BYTES = 4;

export class SocketInput {
  readonly #ws: WebSocket;
  #knownReceiver: Receiver | undefined;
  /** Both are made for the first piece: most messages arrive whole. */
  #unparsed: JoinedPieces | undefined;
  #fragments: JoinedPieces | undefined;
  /** Made for the first frame that a read leaves incomplete, and used again for each further one. */
  #mask: Buffer | undefined;
  #isDiscarding = false;
  #isDiverted = false;

  constructor(ws: WebSocket) {
    this.#ws = ws;
  }

  /** @throws if this version of ws keeps its state elsewhere */
  get #receiver(): Receiver {
    this.#knownReceiver ??= receiverOf(this.#ws);
    return this.#knownReceiver;
  }

  /** Bytes that ws keeps, and room for more of them. */
  get bytes(): number {
    return keptBytes(this.#receiver) + (this.#unparsed?.spareBytes ?? 0) + (this.#fragments?.spareBytes ?? 0);
  }

  /** Call it whenever ws has parsed something. */
  settle(): void {
    if (this.#isDiscarding) this.#divert();
    const receiver = this.#receiver;
    this.#ownMask(receiver);
    const [unparsed, fragments] = piecesOf(receiver);
    if (unparsed.length > 0) this.#unparsed ??= new JoinedPieces();
    this.#unparsed?.join(unparsed, isWithinPayload(receiver));
    if (fragments.length > 0) this.#fragments ??= new JoinedPieces();
    this.#fragments?.join(fragments);
  }

  /** As ws keeps it, four bytes hold a whole read: 64 KiB for each binary that sends without a pause. */
  #ownMask(receiver: Receiver): void {
    if (receiver._mask === undefined || receiver._mask === this.#mask) return;
    this.#mask ??= Buffer.allocUnsafeSlow(MASK_BYTES);
    this.#mask.set(receiver._mask);
    receiver._mask = this.#mask;
  }

  /** Skips data frames from now on, and forgets the message that has begun. */
  discard(): void {
    if (this.#isDiscarding) return;
    this.#isDiscarding = true;
    // Called for the message that is being handled: the receiver cannot be changed before it has ended.
    if (isParsing(this.#receiver)) stopParsing(this.#receiver);
    else this.settle();
  }

  #divert(): void {
    if (this.#isDiverted) return;
    this.#isDiverted = true;
    divert(this.#receiver, (position, intake) => {
      const frames = new ControlFrames(position, (bytes) => {
        if (intake.isOpen()) intake.parse(bytes);
      });
      return (bytes) => frames.read(bytes);
    });
  }
}
