/** Checks between and behind events that everyone who should be connected is, and hears its own frames and no others. */
import type { ExpectedClose } from './expectations.ts';
import { describeClose, isSameClose, type Roster } from './roster.ts';
import { IN_THE_END, Lapse } from './target.ts';
import { PROMPT_MS, type TimerWindow } from './timer-window.ts';
import type { WireDialler } from './wire-dialler.ts';
import type { WireExchange } from './wire-exchange.ts';
import type { WirePeer } from './wire-peer.ts';

const NOBODY_HOME: ExpectedClose = { code: 4404, reason: 'no server with that id' };
/** The connection ended without a close frame. */
export const LOST: ExpectedClose = { code: 1006, reason: '' };

export class WireSoundOff {
  readonly #window: TimerWindow;
  readonly #dialler: WireDialler;
  readonly #frames: WireExchange;
  /** 0 or less for no cap. */
  readonly #maxPhones: number;

  constructor(window: TimerWindow, dialler: WireDialler, frames: WireExchange, maxPhones: number) {
    this.#window = window;
    this.#dialler = dialler;
    this.#frames = frames;
    this.#maxPhones = maxPhones;
  }

  /** Checks that every expected peer is connected and receives its own frames and no others. */
  async check(roster: Roster<WirePeer>): Promise<string | undefined> {
    const { slot } = this.#window.at;
    const { holder, phones, line } = roster;
    for (const peer of [holder, ...phones, ...line]) {
      if (peer !== undefined && !peer.isOpen) {
        const close = (await peer.close(this.#window.promptMs())) ?? LOST;
        return `expected a ${peer.role} to stay, got ${describeClose(close)}`;
      }
    }
    if (slot === 'released') return undefined;
    if (slot === 'grace') {
      for (const phone of phones) {
        if (await phone.roundTrip(this.#window.promptMs())) continue;
        // Its close may have started after the check for open connections, and may not be complete yet.
        const close = await phone.close(PROMPT_MS);
        return `expected a phone to stay, got ${close === undefined ? 'no answer' : describeClose(close)}`;
      }
      return undefined;
    }
    // A holder that sends anything may have answered the probe by that.
    if (slot === 'probing') return await this.#frames.framesToHolder(holder, phones);
    return await this.#frames.framesBothWays(holder, phones);
  }

  /**
   * Checks that a released server-id refuses phones with 4404 and can be claimed again.
   * @returns who has claimed it, or the problem
   */
  async nobodyHome(): Promise<WirePeer | string> {
    const probe = await this.#dialler.dial('phone');
    if (typeof probe === 'string') return probe;
    const close = await probe.close(PROMPT_MS);
    if (close === undefined || !isSameClose(NOBODY_HOME, close)) {
      const got = close === undefined ? 'open' : describeClose(close);
      return `expected ${describeClose(NOBODY_HOME)} once released, got ${got}`;
    }
    return await this.#dialler.dialAdmitted('binary');
  }

  /** Checks that the expected holder is the real one: a new phone exchanges frames with it, and its close is notified. */
  async control({ holder, phones }: Roster<WirePeer>): Promise<string | undefined> {
    // At the cap no phone can register; but every phone has just exchanged frames.
    if (this.#maxPhones > 0 && phones.length >= this.#maxPhones) return undefined;
    return await this.tryNewPhone(holder, IN_THE_END);
  }

  /**
   * A new phone registers, exchanges frames with the holder and leaves.
   * @param begins how a problem begins, which says that it is of this phone
   * @throws Lapse that begins so, if its close notice comes too late
   */
  async tryNewPhone(holder: WirePeer | undefined, begins: string): Promise<string | undefined> {
    try {
      const problem = await this.#problemOfNewPhone(holder);
      return problem && `${begins}${problem}`;
    } catch (error) {
      throw error instanceof Lapse ? new Lapse(`${begins}${error.message}`) : error;
    }
  }

  async #problemOfNewPhone(holder: WirePeer | undefined): Promise<string | undefined> {
    const phone = await this.#dialler.dialAdmitted('phone');
    if (typeof phone === 'string') return phone;
    const problem = await this.#frames.framesBothWays(holder, [phone]);
    if (problem !== undefined) return problem;
    return (
      (await this.#frames.leave(phone, PROMPT_MS)) ?? (await this.#frames.expectNotice(holder, phone, 1000))
    );
  }
}
