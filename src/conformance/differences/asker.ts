/** Dials a target to ask it one question, with connections of bytes and with peers that a WebSocket library drives. */
import { newServerId } from '../new-server-id.ts';
import { WirePeer } from '../wire-peer.ts';
import { ANSWER_MS, RawConnection, type RawOptions } from './raw-connection.ts';
import { frameOf } from './raw-frame.ts';

/** A binary and a phone that hear each other. */
export interface Pair {
  readonly serverId: string;
  readonly binary: WirePeer;
  readonly phone: WirePeer;
  /** Of the phone, as the envelope of its first frame says. */
  readonly connId: string;
}

const ID_BEGINS = '{"conn_id":"';
const FRAME_BEGINS = '","frame":';

/** The conn id and the frame of an envelope, as it is; undefined for anything else. */
export const splitEnvelope = (
  text: string | undefined,
): { readonly connId: string; readonly frame: string } | undefined => {
  if (text?.startsWith(ID_BEGINS) !== true || !text.endsWith('}')) return undefined;
  const idEnds = text.indexOf('"', ID_BEGINS.length);
  if (!text.startsWith(FRAME_BEGINS, idEnds)) return undefined;
  return {
    connId: text.slice(ID_BEGINS.length, idEnds),
    frame: text.slice(idEnds + FRAME_BEGINS.length, -1),
  };
};

const unasked = (problem: string): Error => new Error(`the question could not be put: ${problem}`);

export class Asker {
  readonly #options: RawOptions;
  readonly #raw: RawConnection[] = [];
  readonly #peers: WirePeer[] = [];

  constructor(options: RawOptions) {
    this.#options = options;
  }

  open(): RawConnection {
    const connection = new RawConnection(this.#options);
    this.#raw.push(connection);
    return connection;
  }

  /**
   * A connection of bytes behind its upgrade. It is registered: a relay that registers after its 101 answers no ping before.
   * @throws Error if it is not
   */
  async upgrade(role: 'binary' | 'phone', serverId = newServerId()): Promise<RawConnection> {
    const connection = this.open();
    connection.request(role, { serverId });
    const status = await connection.status();
    if (status !== '101') throw unasked(`HTTP ${status} for a ${role}`);
    connection.write(frameOf('ping'));
    const frame = await connection.frame();
    if (frame?.opcode !== 'pong') throw unasked(`${frame?.opcode ?? 'nothing'} instead of a pong`);
    return connection;
  }

  /** @throws Error if it is not upgraded */
  async dial(role: 'binary' | 'phone', serverId: string): Promise<WirePeer> {
    const peer = await WirePeer.dial({ ...this.#options, role, serverId });
    this.#peers.push(peer);
    return peer;
  }

  /** @throws Error if the phone's first frame does not reach the binary */
  async pair(): Promise<Pair> {
    const serverId = newServerId();
    const binary = await this.dial('binary', serverId);
    await binary.roundTrip(ANSWER_MS);
    const phone = await this.dial('phone', serverId);
    phone.send('{}');
    const envelope = splitEnvelope(await binary.message(ANSWER_MS));
    if (envelope === undefined) throw unasked('no envelope for the first frame of a phone');
    return { serverId, binary, phone, connId: envelope.connId };
  }

  clear(): void {
    for (const connection of this.#raw) connection.destroy();
    for (const peer of this.#peers) peer.drop();
  }
}
