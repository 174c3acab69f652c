/** The peers of one measurement, on a server-id of its own. */
import { newServerId } from '../new-server-id.ts';
import { pause } from '../pause.ts';
import { describeClose } from '../roster.ts';
import type { DialOptions } from '../wire-handshake.ts';
import { WirePeer } from '../wire-peer.ts';

export type StageOptions = Pick<DialOptions, 'base' | 'patienceMs' | 'trusted' | 'onLimited'>;

/** What is not a matter of the timer that is measured. */
const PROMPT_MS = 5_000;
const RETRY_MS = 20;

/** The measurement could not begin, or what it waited for never came. The message is the problem. */
export class Unmeasured extends Error {
  override readonly name = 'Unmeasured';
}

export class Stage {
  readonly #options: StageOptions;
  readonly #serverId = newServerId();
  readonly #peers: WirePeer[] = [];

  constructor(options: StageOptions) {
    this.#options = options;
  }

  async dial(role: 'binary' | 'phone'): Promise<WirePeer> {
    const peer = await WirePeer.dial({ ...this.#options, serverId: this.#serverId, role });
    this.#peers.push(peer);
    return peer;
  }

  /** A binary that is read: it holds the server-id. */
  async holder(): Promise<WirePeer> {
    const peer = await this.dial('binary');
    await this.roundTrip(peer);
    return peer;
  }

  /** A phone that is registered. A target may register a binary only after its 101, so a phone can come too early. */
  async phone(): Promise<WirePeer> {
    const givesUpAt = performance.now() + PROMPT_MS;
    for (;;) {
      const phone = await this.dial('phone');
      if (await phone.roundTrip(PROMPT_MS)) return phone;
      if (performance.now() > givesUpAt) {
        throw new Unmeasured(`expected a phone to register, got ${this.#endOf(phone)}`);
      }
      await pause(RETRY_MS);
    }
  }

  /** @throws Unmeasured if the relay does not answer a ping; it has read all that was sent before */
  async roundTrip(peer: WirePeer): Promise<void> {
    if (await peer.roundTrip(PROMPT_MS)) return;
    throw new Unmeasured(`expected a ${peer.role} to be answered, got ${this.#endOf(peer)}`);
  }

  #endOf({ closed }: WirePeer): string {
    return closed === undefined ? 'nothing' : describeClose(closed);
  }

  clear(): void {
    for (const peer of this.#peers) peer.drop();
  }
}
