/** Dials the peers of one path, and keeps them. */
import { visibleText } from '../protocol/visible-text.ts';
import type { Allowance } from './differences/difference.ts';
import { pause } from './pause.ts';
import type { TimerWindow } from './timer-window.ts';
import type { DialOptions } from './wire-handshake.ts';
import { WirePeer } from './wire-peer.ts';

export interface DiallerOptions
  extends Pick<DialOptions, 'base' | 'serverId' | 'patienceMs' | 'trusted' | 'onLimited'> {
  /** What the target may do now and then; nothing unless given. */
  readonly allows?: ReadonlySet<Allowance>;
}

/** What a phone may get that comes early, before its binary is registered or the place of another is free. */
const EARLY: ReadonlySet<number> = new Set([4404, 4429]);
const RETRY_MS = 20;

export class WireDialler {
  readonly #options: DiallerOptions;
  readonly #window: TimerWindow;
  /** Every peer that was dialled, in order. */
  readonly peers: WirePeer[] = [];

  constructor(options: DiallerOptions, window: TimerWindow) {
    this.#options = options;
    this.#window = window;
  }

  allows(allowance: Allowance): boolean {
    return this.#options.allows?.has(allowance) ?? false;
  }

  /** @returns the peer once it is upgraded, or the problem as text */
  async dial(role: 'binary' | 'phone'): Promise<WirePeer | string> {
    try {
      const peer = await WirePeer.dial({ ...this.#options, role });
      this.peers.push(peer);
      return peer;
    } catch (error) {
      // It may quote the target: the names of its certificate, for example.
      return error instanceof Error ? visibleText(error.message) : 'the dial failed';
    }
  }

  /**
   * As `dial`, for a peer that must be admitted. A target that registers some time after its 101 reads a peer only then, so the
   * answer to a ping shows that it has; who comes early dials again.
   */
  async dialAdmitted(role: 'binary' | 'phone'): Promise<WirePeer | string> {
    if (!this.allows('dials again')) return await this.dial(role);
    const givesUpAt = performance.now() + this.#window.promptMs();
    for (;;) {
      const peer = await this.dial(role);
      if (typeof peer === 'string' || (await peer.roundTrip(this.#window.promptMs()))) return peer;
      const close = await peer.close(this.#window.promptMs());
      if (!EARLY.has(close?.code ?? 0) || performance.now() > givesUpAt) return peer;
      await pause(RETRY_MS);
    }
  }
}
