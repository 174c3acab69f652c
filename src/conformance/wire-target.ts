/** Drives a daemon at an address, and compares what its peers get with what is expected. */
import type { Expected, ExpectedClose } from './expectations.ts';
import { pause } from './pause.ts';
import { after, closesOf, describeClose, describeGot, EMPTY, isSameClose, type Roster } from './roster.ts';
import type { Edge } from './server-graph.ts';
import type { Stalls } from './stalls.ts';
import { Lapse, type Target } from './target.ts';
import { PROMPT_MS, TimerWindow } from './timer-window.ts';
import { type DiallerOptions, WireDialler } from './wire-dialler.ts';
import { shownMessage, WireExchange } from './wire-exchange.ts';
import type { WirePeer } from './wire-peer.ts';
import { type PerformerOptions, WirePerformer } from './wire-performer.ts';
import { LOST, WireSoundOff } from './wire-sound-off.ts';

export interface WireOptions extends PerformerOptions, DiallerOptions {
  readonly stalls: Stalls;
}

/** Wait at the end of a path for messages that must not arrive. */
const SETTLE_MS = 40;

export class WireTarget implements Target {
  #roster: Roster<WirePeer> = EMPTY;
  readonly #window: TimerWindow;
  readonly #dialler: WireDialler;
  readonly #frames: WireExchange;
  readonly #soundOff: WireSoundOff;
  readonly #performer: WirePerformer;

  constructor(options: WireOptions) {
    this.#window = new TimerWindow(options, options.stalls);
    this.#dialler = new WireDialler(options, this.#window);
    this.#frames = new WireExchange(this.#window);
    this.#soundOff = new WireSoundOff(this.#window, this.#dialler, this.#frames, options.maxPhones);
    this.#performer = new WirePerformer(options, this.#window, this.#dialler, this.#frames, this.#soundOff);
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
    const dialled = await this.#performer.perform(edge, expected, before, gone);
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
    return this.#window.unlessLate(await this.#checkAll());
  }

  async finish(): Promise<string | undefined> {
    const { slot } = this.#window.at;
    const control = slot === 'live' ? await this.#soundOff.control(this.#roster) : undefined;
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

  async #checkAll(): Promise<string | undefined> {
    const problem = await this.#soundOff.check(this.#roster);
    if (problem !== undefined || this.#window.at.slot !== 'released') return problem;
    const claimant = await this.#soundOff.nobodyHome();
    if (typeof claimant === 'string') return claimant;
    this.#roster = { holder: claimant, phones: [], line: [] };
    return await this.#soundOff.control(this.#roster);
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
      const wanted = JSON.stringify({ n: this.#performer.lastDirected });
      if (got !== wanted) return `expected the frame before the close, got ${shownMessage(got)}`;
    }
    // The notice about bad JSON was checked while the phone was not reading.
    if (expected.notice === undefined || edge.event === 'phone sends bad JSON') return undefined;
    if (edge.event === 'phone leaves') {
      const last = { frame: { n: this.#frames.lastFrame } };
      const lost = await this.#frames.expectEnvelope(before.holder, before.phones.at(-1), last);
      if (lost !== undefined) return lost;
    }
    return await this.#frames.expectNotice(before.holder, before.phones.at(-1), expected.notice);
  }
}
