/** Drives a daemon at an address: every event is a real dial, close, frame or silence. */
import type { Expected, ExpectedClose } from './expectations.ts';
import { pause } from './pause.ts';
import { after, closesOf, describeClose, describeGot, EMPTY, isSameClose, type Roster } from './roster.ts';
import type { Edge } from './server-graph.ts';
import type { Stalls } from './stalls.ts';
import { IN_THE_END, Lapse, type Target } from './target.ts';
import { PROMPT_MS, type TargetTimers, TimerWindow } from './timer-window.ts';
import { type DiallerOptions, WireDialler } from './wire-dialler.ts';
import { shownMessage, WireExchange } from './wire-exchange.ts';
import type { WirePeer } from './wire-peer.ts';

export interface WireOptions extends TargetTimers, DiallerOptions {
  /** 0 or less for no cap. */
  readonly maxPhones: number;
  readonly stalls: Stalls;
}

/** Added to the wait for a timer that must have expired. */
const TIMER_SLACK_MS = 250;
/** Latest close notice, from the end of the phone's connection. A relay sends it at once; it may be busy. */
const NOTICE_MS = 1_000;
/** Wait at the end of a path for messages that must not arrive. */
const SETTLE_MS = 40;

const NOBODY_HOME: ExpectedClose = { code: 4404, reason: 'no server with that id' };
/** The connection ended without a close frame. */
const LOST: ExpectedClose = { code: 1006, reason: '' };

export class WireTarget implements Target {
  readonly #options: WireOptions;
  #roster: Roster<WirePeer> = EMPTY;
  readonly #window: TimerWindow;
  readonly #dialler: WireDialler;
  readonly #frames: WireExchange;
  /** Number of the last frame that came with a directive. */
  #lastDirected = 0;

  constructor(options: WireOptions) {
    this.#options = options;
    this.#window = new TimerWindow(options, options.stalls);
    this.#dialler = new WireDialler(options, this.#window);
    this.#frames = new WireExchange(this.#window);
  }

  /** The peers expected to be connected now. Used to sum counts over several targets. */
  get roster(): Roster<WirePeer> {
    return this.#roster;
  }

  async step(edge: Edge, expected: Expected): Promise<string | undefined> {
    const startedAtMs = performance.now();
    const gone = new Set<WirePeer>();
    const before = this.#roster;
    this.#window.moveTo(edge.from);
    const dialled = await this.#perform(edge, expected, gone);
    if (typeof dialled === 'string') return this.#window.unlessLate(dialled, edge.event);
    const closes = closesOf(expected, before, dialled);
    const problem = await this.#compareCloses(closes, this.#window.closeMs(edge.event));
    if (problem !== undefined) return this.#window.unlessLate(problem, edge.event);
    this.#roster = after(
      before,
      expected,
      new Set([...gone, ...closes.keys()]),
      dialled && { peer: dialled, role: dialled.role },
    );
    // It may take over some time after the old holder has ended, and is read only then.
    if (expected.newHolder === 'first in line' && this.#dialler.allows('dials again'))
      await this.#roster.holder?.roundTrip(PROMPT_MS);
    const heard = await this.#hear(edge, expected, before);
    if (this.#window.unlessLate(heard, edge.event) !== undefined) return heard;
    // Measured from before the event: the target's timer cannot have started earlier.
    this.#window.enter(edge.to, dialled?.dialledAtMs ?? startedAtMs);
    if (edge.to.slot !== 'probing') this.#roster.holder?.answerPings();
    // After a drain, no peer is left to check.
    if (edge.event === 'drain') return undefined;
    return this.#window.unlessLate(await this.#soundOff());
  }

  async finish(): Promise<string | undefined> {
    const { slot } = this.#window.at;
    const control = slot === 'live' ? await this.#control() : undefined;
    if (this.#window.unlessLate(control) !== undefined) return control;
    await pause(SETTLE_MS);
    for (const peer of this.#dialler.peers) {
      const [unread] = peer.unread();
      if (unread !== undefined) {
        return `a ${peer.role} received an unexpected message: ${shownMessage(unread)}`;
      }
    }
    // In a timed state, the timer may have expired by now.
    if (slot === 'grace' || slot === 'probing') return undefined;
    const { holder, phones, line } = this.#roster;
    const lost = [holder, ...phones, ...line].find((peer) => peer !== undefined && !peer.isOpen);
    return this.#window.unlessLate(
      lost && `expected a ${lost.role} to stay, got ${describeClose(lost.closed ?? LOST)}`,
    );
  }

  dispose(): void {
    for (const peer of this.#dialler.peers) peer.drop();
  }

  /** @returns the new peer if the event dialled one, or the problem as text */
  async #perform(
    { event, from }: Edge,
    expected: Expected,
    gone: Set<WirePeer>,
  ): Promise<WirePeer | string | undefined> {
    const { holder, phones, line } = this.#roster;
    const { graceMs, probeTimeoutMs } = this.#options;
    const leave = async (peer: WirePeer | undefined, how: 'leave' | 'drop'): Promise<string | undefined> => {
      if (peer === undefined) return undefined;
      gone.add(peer);
      if (how === 'leave') return await this.#leave(peer, this.#window.promptMs());
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
        return await this.#dismiss(expected.freesPlaceAtOnce === true);
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
        this.#speakTooEarly();
        holder?.answerPings();
        return undefined;
      case 'grace passes':
        if (phones.length === 0) await pause(graceMs * 1.2 + TIMER_SLACK_MS);
        return undefined;
      case 'time passes':
        await pause(Math.max(graceMs, probeTimeoutMs) * 1.2 + TIMER_SLACK_MS);
        return undefined;
      case 'holder is silent':
        this.#speakTooEarly();
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
  async #dismiss(freesPlaceAtOnce: boolean): Promise<string | undefined> {
    const { holder, phones } = this.#roster;
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
    const problem = await this.#tryNewPhone(holder);
    oldest?.readOn();
    return problem && `while the dismissed phone has not answered its close frame: ${problem}`;
  }

  /** Sends a message from a claimant before it is admitted. The relay must hold it: no phone may receive it. */
  #speakTooEarly(): void {
    const { phones, line } = this.#roster;
    const conn_id = phones[0]?.connId;
    if (conn_id !== undefined) line[0]?.send(JSON.stringify({ conn_id, frame: { n: 'too early' } }));
  }

  async #compareCloses(
    closes: ReadonlyMap<WirePeer, ExpectedClose>,
    timeoutMs: number,
  ): Promise<string | undefined> {
    for (const [peer, wanted] of closes) {
      const got = await peer.close(timeoutMs);
      if (got === undefined) return `expected ${describeClose(wanted)}, got open`;
      if (isSameClose(wanted, got)) continue;
      const problem = `expected ${describeClose(wanted)}, got ${describeGot(wanted, got)}`;
      if (got.code === LOST.code && this.#dialler.allows('drops TCP')) throw new Lapse(problem);
      return problem;
    }
    return undefined;
  }

  /** Checks the messages that the event causes: a frame, a close notice. */
  async #hear(edge: Edge, expected: Expected, before: Roster<WirePeer>): Promise<string | undefined> {
    const oldest = before.phones[0];
    if (expected.delivered === true && edge.event === 'phone sends') {
      return await this.#frames.expectEnvelope(before.holder, oldest, {
        frame: { n: this.#frames.lastFrame },
      });
    }
    if (expected.delivered === true && oldest !== undefined) {
      const got = await oldest.message(this.#window.promptMs());
      const wanted = JSON.stringify({ n: this.#lastDirected });
      if (got !== wanted) return `expected the frame before the close, got ${shownMessage(got)}`;
    }
    // The notice about bad JSON was checked while the phone was not reading.
    if (expected.notice === undefined || edge.event === 'phone sends bad JSON') return undefined;
    if (edge.event === 'phone leaves') {
      const last = { frame: { n: this.#frames.lastFrame } };
      const lost = await this.#frames.expectEnvelope(before.holder, before.phones.at(-1), last);
      if (lost !== undefined) return lost;
    }
    return await this.#expectNotice(before.holder, before.phones.at(-1), expected.notice);
  }

  /** @throws Lapse if the right notice comes too late */
  async #expectNotice(
    holder: WirePeer | undefined,
    phone: WirePeer | undefined,
    code: number,
  ): Promise<string | undefined> {
    const sinceMs = performance.now();
    const problem = await this.#frames.expectEnvelope(holder, phone, { close_code: code });
    const tookMs = performance.now() - sinceMs;
    const late = `expected close notice ${code} within ${NOTICE_MS} ms, got it after ${Math.round(tookMs / 100) / 10} s`;
    if (problem === undefined && tookMs > NOTICE_MS && this.#window.unlessLate(late) !== undefined)
      throw new Lapse(late);
    return problem;
  }

  /** Closes with a close frame, which the relay must answer. */
  async #leave(peer: WirePeer, timeoutMs: number): Promise<string | undefined> {
    const answer = await peer.leave(timeoutMs);
    return answer === undefined
      ? `expected the close of a ${peer.role} to be answered, got nothing`
      : undefined;
  }

  /** Checks that every expected peer is connected and receives its own frames and no others. */
  async #soundOff(): Promise<string | undefined> {
    const { slot } = this.#window.at;
    const { holder, phones, line } = this.#roster;
    for (const peer of [holder, ...phones, ...line]) {
      if (peer !== undefined && !peer.isOpen) {
        const close = (await peer.close(this.#window.promptMs())) ?? LOST;
        return `expected a ${peer.role} to stay, got ${describeClose(close)}`;
      }
    }
    if (slot === 'released') return await this.#expectNobodyHome();
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

  /** Checks that a released server-id refuses phones with 4404 and can be claimed again. */
  async #expectNobodyHome(): Promise<string | undefined> {
    const probe = await this.#dialler.dial('phone');
    if (typeof probe === 'string') return probe;
    const close = await probe.close(PROMPT_MS);
    if (close === undefined || !isSameClose(NOBODY_HOME, close)) {
      const got = close === undefined ? 'open' : describeClose(close);
      return `expected ${describeClose(NOBODY_HOME)} once released, got ${got}`;
    }
    const claimant = await this.#dialler.dialAdmitted('binary');
    if (typeof claimant === 'string') return claimant;
    this.#roster = { holder: claimant, phones: [], line: [] };
    return await this.#control();
  }

  /** Checks that the expected holder is the real one: a new phone exchanges frames with it, and its close is notified. */
  async #control(): Promise<string | undefined> {
    const { maxPhones } = this.#options;
    const { holder, phones } = this.#roster;
    // At the cap no phone can register; but every phone has just exchanged frames.
    if (maxPhones > 0 && phones.length >= maxPhones) return undefined;
    const problem = await this.#tryNewPhone(holder);
    return problem && `${IN_THE_END}${problem}`;
  }

  /** A new phone registers, exchanges frames with the holder and leaves. */
  async #tryNewPhone(holder: WirePeer | undefined): Promise<string | undefined> {
    const phone = await this.#dialler.dialAdmitted('phone');
    if (typeof phone === 'string') return phone;
    const problem = await this.#frames.framesBothWays(holder, [phone]);
    if (problem !== undefined) return problem;
    return (await this.#leave(phone, PROMPT_MS)) ?? (await this.#expectNotice(holder, phone, 1000));
  }
}
