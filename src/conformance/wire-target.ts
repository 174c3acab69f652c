/** A daemon at an address as a target: every event is a real dial, close, frame or silence. */
import type { Expected, ExpectedClose } from './expectations.ts';
import { after, closesOf, describeClose, EMPTY, isSameClose, type Roster } from './roster.ts';
import type { Edge } from './server-graph.ts';
import { Overrun, type Target } from './target.ts';
import { type Situation, TIMED_EVENTS, type WireEvent } from './wire-events.ts';
import { WirePeer } from './wire-peer.ts';

export interface WireOptions {
  /** `ws://host:port` */
  readonly base: string;
  readonly serverId: string;
  /** What the target is configured with. */
  readonly graceMs: number;
  readonly probeTimeoutMs: number;
  /** How long a dial may take; a target that answers 429 or 503 is waited for. */
  readonly patienceMs: number;
}

/** A step that ends later than this part of a timer's run may have been overtaken by it. */
const SAFE_PART = 0.75;
/** On top of a timer that must have run out. */
const TIMER_SLACK_MS = 250;
/** Shorter than this, a wait says nothing about what did not come. */
const LEAST_WAIT_MS = 100;
/** Whatever needs no timer of the target comes well within this, or not at all. */
const PROMPT_MS = 5_000;
/** How long what should not come is waited for at the end of a path. */
const SETTLE_MS = 40;

const parseEnvelope = (text: string): { conn_id?: unknown; frame?: unknown; close_code?: unknown } => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
};

const pause = async (ms: number): Promise<void> => {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  });
};

export class WireTarget implements Target {
  readonly #options: WireOptions;
  #roster: Roster<WirePeer> = EMPTY;
  readonly #all: WirePeer[] = [];
  #enteredAtMs = performance.now();
  #lastFrame = 0;

  constructor(options: WireOptions) {
    this.#options = options;
  }

  /** Who should be connected now, for counts over several targets. */
  get roster(): Roster<WirePeer> {
    return this.#roster;
  }

  async step(edge: Edge, expected: Expected): Promise<string | undefined> {
    const startedAtMs = performance.now();
    const gone = new Set<WirePeer>();
    const before = this.#roster;
    const dialled = await this.#perform(edge, expected, gone);
    if (typeof dialled === 'string') return this.#unlessLate(edge.from, dialled, edge.event);
    const closes = closesOf(expected, before, dialled);
    const problem = await this.#compareCloses(closes, this.#waitFor(edge));
    if (problem !== undefined) return this.#unlessLate(edge.from, problem, edge.event);
    this.#roster = after(
      before,
      expected,
      new Set([...gone, ...closes.keys()]),
      dialled && { peer: dialled, role: dialled.role },
    );
    const heard = await this.#hear(edge, expected, before);
    if (this.#unlessLate(edge.from, heard, edge.event) !== undefined) return heard;
    // Counted from before the event: the target's timer has started later than that, never earlier.
    if (edge.from.slot !== edge.to.slot) this.#enteredAtMs = startedAtMs;
    // After a drain nobody is left to answer.
    if (edge.event === 'drain') return undefined;
    return this.#unlessLate(edge.to, await this.#soundOff(edge.to));
  }

  async finish(): Promise<string | undefined> {
    await pause(SETTLE_MS);
    for (const peer of this.#all) {
      const [unread] = peer.unread();
      if (unread !== undefined)
        return `a ${peer.role} was sent what nobody asked for: ${unread.slice(0, 80)}`;
    }
    return undefined;
  }

  dispose(): void {
    for (const peer of this.#all) peer.drop();
  }

  /**
   * In a state with a timer, whatever was seen late may be the timer's doing.
   * @throws Overrun then, unless the timer is what the event was about
   */
  #unlessLate(at: Situation, problem: string | undefined, event?: WireEvent): string | undefined {
    if (event !== undefined && TIMED_EVENTS.has(event)) return problem;
    if (performance.now() > this.#safeUntilMs(at)) throw new Overrun();
    return problem;
  }

  /**
   * How long a close that this edge brings may take. Where a timer runs, only as long as it cannot have run out: what is
   * still open then is wrong, and not late.
   */
  #waitFor({ event, from }: Edge): number {
    const { graceMs, probeTimeoutMs } = this.#options;
    if (event === 'grace passes') return graceMs + PROMPT_MS;
    if (event === 'holder is silent') return probeTimeoutMs + PROMPT_MS;
    const leftMs = this.#safeUntilMs(from) - performance.now();
    if (leftMs < LEAST_WAIT_MS) throw new Overrun();
    return Math.min(PROMPT_MS, leftMs - LEAST_WAIT_MS / 2);
  }

  /** Until when nothing that is seen can be the doing of a timer. */
  #safeUntilMs({ slot }: Situation): number {
    const { graceMs, probeTimeoutMs } = this.#options;
    if (slot === 'grace') return this.#enteredAtMs + SAFE_PART * graceMs;
    return slot === 'probing' ? this.#enteredAtMs + SAFE_PART * probeTimeoutMs : Number.POSITIVE_INFINITY;
  }

  async #dial(role: 'binary' | 'phone'): Promise<WirePeer | string> {
    const { base, serverId, patienceMs } = this.#options;
    try {
      const peer = await WirePeer.dial({ base, serverId, role, patienceMs });
      this.#all.push(peer);
      return peer;
    } catch (error) {
      return error instanceof Error ? error.message : 'the dial failed';
    }
  }

  /** @returns who was dialled, if anyone, or what was wrong */
  async #perform(
    { event, from }: Edge,
    expected: Expected,
    gone: Set<WirePeer>,
  ): Promise<WirePeer | string | undefined> {
    const { holder, phones, line } = this.#roster;
    const { graceMs, probeTimeoutMs } = this.#options;
    const leave = async (peer: WirePeer | undefined, how: 'leave' | 'drop'): Promise<undefined> => {
      if (peer === undefined) return;
      gone.add(peer);
      if (how === 'leave') await peer.leave(PROMPT_MS);
      else peer.drop();
    };
    switch (event) {
      case 'claim': {
        const peer = await this.#dial('binary');
        if (typeof peer === 'string' || expected.dialler !== 'waits' || from.slot !== 'live') return peer;
        return (await holder?.pinged(PROMPT_MS)) === true
          ? peer
          : 'expected the holder to be pinged, got no ping';
      }
      case 'register':
        return await this.#dial('phone');
      case 'phone leaves':
        return await leave(phones.at(-1), 'leave');
      case 'phone drops':
        return await leave(phones.at(-1), 'drop');
      case 'phone sends':
        phones[0]?.send(JSON.stringify({ n: ++this.#lastFrame }));
        return undefined;
      case 'dismiss':
      case 'dismiss illegally': {
        const code = event === 'dismiss' ? 4401 : 999;
        const conn_id = phones[0]?.connId;
        holder?.send(JSON.stringify({ conn_id, frame: { n: ++this.#lastFrame }, close_code: code }));
        return undefined;
      }
      case 'holder leaves':
        return await leave(holder, 'leave');
      case 'holder drops':
        return await leave(holder, 'drop');
      case 'first in line leaves':
        return await leave(line[0], 'leave');
      case 'last in line leaves':
        return await leave(line.at(-1), 'leave');
      case 'holder answers':
        holder?.answerPings();
        return undefined;
      case 'grace passes':
        if (phones.length === 0) await pause(graceMs * 1.2 + TIMER_SLACK_MS);
        return undefined;
      case 'time passes':
        await pause(Math.max(graceMs, probeTimeoutMs) * 1.2 + TIMER_SLACK_MS);
        return undefined;
      case 'holder is silent':
      case 'drain':
        return undefined;
    }
  }

  async #compareCloses(
    closes: ReadonlyMap<WirePeer, ExpectedClose>,
    timeoutMs: number,
  ): Promise<string | undefined> {
    for (const [peer, wanted] of closes) {
      const got = await peer.close(timeoutMs);
      if (got === undefined) return `expected ${describeClose(wanted)}, got open`;
      if (!isSameClose(wanted, got)) return `expected ${describeClose(wanted)}, got ${describeClose(got)}`;
    }
    return undefined;
  }

  /** What the event itself makes someone hear: a frame, a close notice. */
  async #hear(edge: Edge, expected: Expected, before: Roster<WirePeer>): Promise<string | undefined> {
    const oldest = before.phones[0];
    if (expected.delivered === true && edge.event === 'phone sends') {
      return await this.#expectEnvelope(before.holder, oldest, { frame: { n: this.#lastFrame } });
    }
    if (expected.delivered === true && oldest !== undefined) {
      const got = await oldest.message(PROMPT_MS);
      const wanted = JSON.stringify({ n: this.#lastFrame });
      if (got !== wanted) return `expected the frame before the close, got ${got ?? 'none'}`;
    }
    if (expected.notice === undefined) return undefined;
    return await this.#expectEnvelope(before.holder, before.phones.at(-1), { close_code: expected.notice });
  }

  async #expectEnvelope(
    holder: WirePeer | undefined,
    phone: WirePeer | undefined,
    rest: { readonly frame?: unknown; readonly close_code?: number },
  ): Promise<string | undefined> {
    const text = await holder?.message(PROMPT_MS);
    const what = rest.close_code === undefined ? 'the frame' : `close notice ${rest.close_code}`;
    if (text === undefined) return `expected ${what} at the holder, got nothing`;
    const envelope = parseEnvelope(text);
    const connId = phone?.connId;
    const isPhone = connId === undefined ? typeof envelope.conn_id === 'string' : envelope.conn_id === connId;
    const { conn_id: _, ...others } = envelope;
    if (!isPhone || JSON.stringify(others) !== JSON.stringify(rest)) {
      return `expected ${what} at the holder, got ${text.slice(0, 80)}`;
    }
    if (phone !== undefined && typeof envelope.conn_id === 'string') phone.connId = envelope.conn_id;
    return undefined;
  }

  /** Everyone who should be there is, and hears what is meant for them and nothing else. */
  async #soundOff({ slot }: Situation): Promise<string | undefined> {
    const { holder, phones, line } = this.#roster;
    for (const peer of [holder, ...phones, ...line]) {
      if (peer !== undefined && !peer.isOpen) {
        const close = (await peer.close(PROMPT_MS)) ?? { code: 1006, reason: '' };
        return `expected a ${peer.role} to stay, got ${describeClose(close)}`;
      }
    }
    if (slot === 'released') return await this.#expectNobodyHome();
    if (slot === 'grace') {
      for (const phone of phones) {
        if (!(await phone.roundTrip(PROMPT_MS))) return 'expected a phone to stay, got no answer';
      }
      return undefined;
    }
    for (const phone of phones) {
      const problem = await this.#frameBothWays(holder, phone);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  async #frameBothWays(holder: WirePeer | undefined, phone: WirePeer): Promise<string | undefined> {
    const n = ++this.#lastFrame;
    phone.send(JSON.stringify({ n }));
    const problem = await this.#expectEnvelope(holder, phone, { frame: { n } });
    if (problem !== undefined) return problem;
    holder?.send(JSON.stringify({ conn_id: phone.connId, frame: { back: n } }));
    const got = await phone.message(PROMPT_MS);
    return got === JSON.stringify({ back: n })
      ? undefined
      : `expected a frame at the phone, got ${got ?? 'none'}`;
  }

  /** A released server-id is known to nobody: a phone that dials it gets 4404. */
  async #expectNobodyHome(): Promise<string | undefined> {
    const probe = await this.#dial('phone');
    if (typeof probe === 'string') return probe;
    const close = await probe.close(PROMPT_MS);
    return close?.code === 4404
      ? undefined
      : `expected 4404 for a released server-id, got ${close === undefined ? 'open' : describeClose(close)}`;
  }
}
