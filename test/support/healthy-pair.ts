/** A phone and a binary that exchange numbered frames, one after the other, for as long as something else goes on. */
import type { ClientOptions } from 'ws';
import type { Peer, Peers } from './peer.ts';

/** No frame of a healthy pair is lost; it may wait for its turn on a busy machine. */
const FRAME_TIMEOUT_MS = 60_000;

export class HealthyPair {
  readonly #phone: Peer;
  readonly #binary: Peer;
  readonly #connId: string;
  readonly #exchanging: Promise<void>;
  #frames = 0;
  #isEnding = false;

  private constructor(phone: Peer, binary: Peer, connId: string) {
    this.#phone = phone;
    this.#binary = binary;
    this.#connId = connId;
    this.#exchanging = this.#exchange();
    // Reported by `end`.
    this.#exchanging.catch(() => {});
  }

  static async start(peers: Peers, options: ClientOptions = {}): Promise<HealthyPair> {
    const serverId = peers.serverId();
    const binary = await peers.binary(serverId, options);
    const { phone, connId } = await peers.knownPhone(serverId, binary, options);
    return new HealthyPair(phone, binary, connId);
  }

  /**
   * @returns the number of frames that were exchanged in each direction
   * @throws if one was lost, changed, or out of order
   */
  async end(): Promise<number> {
    this.#isEnding = true;
    await this.#exchanging;
    return this.#frames;
  }

  async #exchange(): Promise<void> {
    while (!this.#isEnding) {
      const frame = String(this.#frames);
      this.#phone.send(frame);
      await this.#expect(this.#binary, `{"conn_id":"${this.#connId}","frame":${frame}}`);
      this.#binary.send(`{"conn_id":"${this.#connId}","frame":${frame}}`);
      await this.#expect(this.#phone, frame);
      this.#frames++;
    }
  }

  async #expect(peer: Peer, frame: string): Promise<void> {
    const arrived = await peer.next(FRAME_TIMEOUT_MS);
    if (arrived !== frame) throw new Error(`expected ${frame}, got ${arrived}`);
  }
}
