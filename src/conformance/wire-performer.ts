/** Performs the events of a path: each is a real dial, close, frame or silence. */
import type { Expected } from './expectations.ts';
import { pause } from './pause.ts';
import type { Roster } from './roster.ts';
import type { Edge } from './server-graph.ts';
import { IN_ITS_PLACE } from './target.ts';
import type { TargetTimers, TimerWindow } from './timer-window.ts';
import type { WireDialler } from './wire-dialler.ts';
import type { WireExchange } from './wire-exchange.ts';
import type { WirePeer } from './wire-peer.ts';
import type { WireSoundOff } from './wire-sound-off.ts';

/** Added to the wait for a timer that must have expired. */
const TIMER_SLACK_MS = 250;
export interface PerformerOptions extends TargetTimers {
  /** 0 or less for no cap. */
  readonly maxPhones: number;
}

export class WirePerformer {
  readonly #options: PerformerOptions;
  readonly #window: TimerWindow;
  readonly #dialler: WireDialler;
  readonly #frames: WireExchange;
  readonly #soundOff: WireSoundOff;
  #lastDirected = 0;

  constructor(
    options: PerformerOptions,
    window: TimerWindow,
    dialler: WireDialler,
    frames: WireExchange,
    soundOff: WireSoundOff,
  ) {
    this.#options = options;
    this.#window = window;
    this.#dialler = dialler;
    this.#frames = frames;
    this.#soundOff = soundOff;
  }

  /** Number of the last frame that came with a directive. */
  get lastDirected(): number {
    return this.#lastDirected;
  }

  /**
   * @param gone takes the peers that leave
   * @returns the new peer if the event dialled one, or the problem as text
   */
  async perform(
    { event, from }: Edge,
    expected: Expected,
    roster: Roster<WirePeer>,
    gone: Set<WirePeer>,
  ): Promise<WirePeer | string | undefined> {
    const { holder, phones, line } = roster;
    const { graceMs, probeTimeoutMs } = this.#options;
    const leave = async (peer: WirePeer | undefined, how: 'leave' | 'drop'): Promise<string | undefined> => {
      if (peer === undefined) return undefined;
      gone.add(peer);
      if (how === 'leave') return await this.#frames.leave(peer, this.#window.promptMs());
      peer.drop();
      return undefined;
    };
    switch (event) {
      case 'claim': {
        if (from.slot === 'live') holder?.holdPings();
        if (expected.dialler === 'admitted') return await this.#dialler.dialAdmitted('binary');
        const peer = await this.#dialler.dial('binary');
        if (typeof peer === 'string' || expected.dialler !== 'waits') return peer;
        if (from.slot !== 'live') return peer;
        return (await holder?.pinged(this.#window.promptMs())) === true
          ? peer
          : 'expected the holder to be pinged, got no ping';
      }
      case 'register':
        return await (expected.dialler === 'admitted'
          ? this.#dialler.dialAdmitted('phone')
          : this.#dialler.dial('phone'));
      case 'phone leaves':
        // Sent just before the close: the close notice must follow this frame.
        if (expected.notice !== undefined)
          phones.at(-1)?.send(JSON.stringify({ n: this.#frames.nextFrame() }));
        return await leave(phones.at(-1), 'leave');
      case 'phone drops':
        return await leave(phones.at(-1), 'drop');
      case 'phone sends':
        phones[0]?.send(JSON.stringify({ n: this.#frames.nextFrame() }));
        return undefined;
      case 'phone sends bad JSON':
        return await this.#frames.sendBadJson(phones[0], holder, expected.notice);
      case 'dismiss':
        return await this.#dismiss(roster, expected.freesPlaceAtOnce === true);
      case 'dismiss illegally':
        this.#direct(holder, phones[0], 999);
        return undefined;
      case 'holder leaves':
        return await leave(holder, 'leave');
      case 'holder drops':
        return await leave(holder, 'drop');
      case 'first in line leaves':
        return await leave(line[0], 'leave');
      case 'last in line leaves':
        return await leave(line.at(-1), 'leave');
      case 'holder answers':
        this.#speakTooEarly(roster);
        holder?.answerPings();
        return undefined;
      case 'grace passes':
        if (phones.length === 0) await pause(graceMs * 1.2 + TIMER_SLACK_MS);
        return undefined;
      case 'time passes':
        await pause(Math.max(graceMs, probeTimeoutMs) * 1.2 + TIMER_SLACK_MS);
        return undefined;
      case 'holder is silent':
        this.#speakTooEarly(roster);
        return undefined;
      case 'drain':
        return undefined;
    }
  }

  #direct(holder: WirePeer | undefined, phone: WirePeer | undefined, code: number): void {
    this.#lastDirected = this.#frames.nextFrame();
    const frame = { n: this.#lastDirected };
    holder?.send(JSON.stringify({ conn_id: phone?.connId, frame, close_code: code }));
  }

  /**
   * At the cap, the phone does not read at first, so it does not answer its close frame: another phone must get its place
   * meanwhile.
   */
  async #dismiss(
    { holder, phones }: Roster<WirePeer>,
    freesPlaceAtOnce: boolean,
  ): Promise<string | undefined> {
    const [oldest] = phones;
    const isChecked = freesPlaceAtOnce && phones.length === this.#options.maxPhones;
    if (!isChecked) {
      this.#direct(holder, oldest, 4401);
      return undefined;
    }
    oldest?.stopReading();
    this.#direct(holder, oldest, 4401);
    // The answer to a ping shows that the directive has been read.
    await holder?.roundTrip(this.#window.promptMs());
    const problem = await this.#soundOff.tryNewPhone(holder, IN_ITS_PLACE);
    oldest?.readOn();
    return problem;
  }

  /** Sends a message from a claimant before it is admitted. The relay must hold it: no phone may receive it. */
  #speakTooEarly({ phones, line }: Roster<WirePeer>): void {
    const conn_id = phones[0]?.connId;
    if (conn_id !== undefined) line[0]?.send(JSON.stringify({ conn_id, frame: { n: 'too early' } }));
  }
}
