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
  /** 0 or less for no cap. */
  readonly maxPhones: number;
  /** How long a dial may take; a target that answers 429 or 503 is waited for. */
  readonly patienceMs: number;
}

/** Nothing is waited for beyond this part of a timer's run ... */
const SAFE_PART = 0.75;
/** ... and what was seen after this part may be the timer's doing. */
const LATEST_PART = 0.9;
/** On top of a timer that must have run out. */
const TIMER_SLACK_MS = 250;
/** Shorter than this part of a timer's run, a wait says nothing about what did not come. */
const LEAST_PART = 0.3;
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

/** Ids differ from run to run, and say nothing. */
const withoutConnId = (text: string): string =>
  text.slice(0, 80).replace(/"conn_id":"[^"]*"/, '"conn_id":"…"');

const NOBODY_HOME: ExpectedClose = { code: 4404, reason: 'no server with that id' };
/** Gone without any word of how. */
const LOST: ExpectedClose = { code: 1006, reason: '' };

const pause = async (ms: number): Promise<void> => {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  });
};

export class WireTarget implements Target {
  readonly #options: WireOptions;
  #roster: Roster<WirePeer> = EMPTY;
  readonly #all: WirePeer[] = [];
  /** When the state with the timer that may be running was entered; never later than the target saw it. */
  #enteredAtMs = performance.now();
  #at: Situation = { slot: 'unclaimed', phones: 0, line: 0 };
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
    this.#at = edge.from;
    const dialled = await this.#perform(edge, expected, gone);
    if (typeof dialled === 'string') return this.#unlessLate(dialled, edge.event);
    const closes = closesOf(expected, before, dialled);
    const problem = await this.#compareCloses(closes, this.#waitFor(edge));
    if (problem !== undefined) return this.#unlessLate(problem, edge.event);
    this.#roster = after(
      before,
      expected,
      new Set([...gone, ...closes.keys()]),
      dialled && { peer: dialled, role: dialled.role },
    );
    const heard = await this.#hear(edge, expected, before);
    if (this.#unlessLate(heard, edge.event) !== undefined) return heard;
    // Counted from before the event: the target's timer has started later than that, never earlier.
    if (edge.from.slot !== edge.to.slot) this.#enteredAtMs = dialled?.dialledAtMs ?? startedAtMs;
    this.#at = edge.to;
    if (edge.to.slot !== 'probing') this.#roster.holder?.answerPings();
    // After a drain nobody is left to answer.
    if (edge.event === 'drain') return undefined;
    return this.#unlessLate(await this.#soundOff());
  }

  async finish(): Promise<string | undefined> {
    const { slot } = this.#at;
    const control = slot === 'live' ? await this.#control() : undefined;
    if (control !== undefined) return control;
    await pause(SETTLE_MS);
    for (const peer of this.#all) {
      const [unread] = peer.unread();
      if (unread !== undefined) {
        return `a ${peer.role} was sent what nobody asked for: ${withoutConnId(unread)}`;
      }
    }
    // What is in a state with a timer may have run out of it by now.
    if (slot === 'grace' || slot === 'probing') return undefined;
    const { holder, phones, line } = this.#roster;
    const lost = [holder, ...phones, ...line].find((peer) => peer !== undefined && !peer.isOpen);
    return lost && `expected a ${lost.role} to stay, got ${describeClose(lost.closed ?? LOST)}`;
  }

  dispose(): void {
    for (const peer of this.#all) peer.drop();
  }

  /**
   * In a state with a timer, whatever was seen late may be the timer's doing.
   * @throws Overrun then, unless the timer is what the event was about
   */
  #unlessLate(problem: string | undefined, event?: WireEvent): string | undefined {
    if (event !== undefined && TIMED_EVENTS.has(event)) return problem;
    // A wait that was given all that was left has used it up, and says what it says.
    const latestMs = this.#enteredAtMs + LATEST_PART * this.#windowMs();
    if (performance.now() > latestMs) throw new Overrun();
    return problem;
  }

  /** How long a close that this edge brings may take. */
  #waitFor({ event }: Edge): number {
    const { graceMs, probeTimeoutMs } = this.#options;
    if (event === 'grace passes') return graceMs + PROMPT_MS;
    return event === 'holder is silent' ? probeTimeoutMs + PROMPT_MS : this.#promptMs();
  }

  /**
   * How long anything may take that needs no timer. Where one runs, only as long as it cannot have run out: what has not
   * come by then is wrong, and not late.
   * @throws Overrun when too little of that is left to say anything
   */
  #promptMs(): number {
    const windowMs = this.#windowMs();
    const leftMs = this.#enteredAtMs + SAFE_PART * windowMs - performance.now();
    if (leftMs < LEAST_PART * windowMs) throw new Overrun();
    return Math.min(PROMPT_MS, leftMs);
  }

  /** How long the timer runs that is running now, if one is. */
  #windowMs(): number {
    const { graceMs, probeTimeoutMs } = this.#options;
    if (this.#at.slot === 'grace') return graceMs;
    return this.#at.slot === 'probing' ? probeTimeoutMs : Number.MAX_SAFE_INTEGER;
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
      if (how === 'leave') await peer.leave(this.#promptMs());
      else peer.drop();
    };
    switch (event) {
      case 'claim': {
        if (from.slot === 'live') holder?.holdPings();
        const peer = await this.#dial('binary');
        if (typeof peer === 'string' || expected.dialler !== 'waits') return peer;
        if (from.slot !== 'live') return peer;
        return (await holder?.pinged(this.#promptMs())) === true
          ? peer
          : 'expected the holder to be pinged, got no ping';
      }
      case 'register':
        return await this.#dial('phone');
      case 'phone leaves':
        // In one go with its close: the notice must come behind the frame.
        if (expected.notice !== undefined) phones.at(-1)?.send(JSON.stringify({ n: ++this.#lastFrame }));
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

  /** What a claimant says before it is admitted must wait: no phone may hear it. */
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
      const got = await oldest.message(this.#promptMs());
      const wanted = JSON.stringify({ n: this.#lastFrame });
      if (got !== wanted) return `expected the frame before the close, got ${got ?? 'none'}`;
    }
    if (expected.notice === undefined) return undefined;
    if (edge.event === 'phone leaves') {
      const last = { frame: { n: this.#lastFrame } };
      const lost = await this.#expectEnvelope(before.holder, before.phones.at(-1), last);
      if (lost !== undefined) return lost;
    }
    return await this.#expectEnvelope(before.holder, before.phones.at(-1), { close_code: expected.notice });
  }

  async #expectEnvelope(
    holder: WirePeer | undefined,
    phone: WirePeer | undefined,
    rest: { readonly frame?: unknown; readonly close_code?: number },
  ): Promise<string | undefined> {
    const text = await holder?.message(this.#promptMs());
    const what = rest.close_code === undefined ? 'the frame' : `close notice ${rest.close_code}`;
    if (text === undefined) return `expected ${what} at the holder, got nothing`;
    const envelope = parseEnvelope(text);
    const connId = phone?.connId;
    const isPhone = connId === undefined ? typeof envelope.conn_id === 'string' : envelope.conn_id === connId;
    const { conn_id: _, ...others } = envelope;
    if (!isPhone || JSON.stringify(others) !== JSON.stringify(rest)) {
      return `expected ${what} at the holder, got ${withoutConnId(text)}`;
    }
    if (phone !== undefined && typeof envelope.conn_id === 'string') phone.connId = envelope.conn_id;
    return undefined;
  }

  /** Everyone who should be there is, and hears what is meant for them and nothing else. */
  async #soundOff(): Promise<string | undefined> {
    const { slot } = this.#at;
    const { holder, phones, line } = this.#roster;
    for (const peer of [holder, ...phones, ...line]) {
      if (peer !== undefined && !peer.isOpen) {
        const close = (await peer.close(this.#promptMs())) ?? LOST;
        return `expected a ${peer.role} to stay, got ${describeClose(close)}`;
      }
    }
    if (slot === 'released') return await this.#expectNobodyHome();
    if (slot === 'grace') {
      for (const phone of phones) {
        if (!(await phone.roundTrip(this.#promptMs()))) return 'expected a phone to stay, got no answer';
      }
      return undefined;
    }
    return await this.#framesBothWays(holder, phones);
  }

  /** All phones speak at once, then all are spoken to: there is no order between phones, but each is heard. */
  async #framesBothWays(
    holder: WirePeer | undefined,
    phones: readonly WirePeer[],
  ): Promise<string | undefined> {
    const unheard = new Map<number, WirePeer>();
    for (const phone of phones) {
      const n = ++this.#lastFrame;
      unheard.set(n, phone);
      phone.send(JSON.stringify({ n }));
    }
    while (unheard.size > 0) {
      const text = await holder?.message(this.#promptMs());
      if (text === undefined) return 'expected the frame at the holder, got nothing';
      const { conn_id: connId, ...others } = parseEnvelope(text);
      const [n, phone] =
        [...unheard].find(([sent]) => JSON.stringify(others) === `{"frame":{"n":${sent}}}`) ?? [];
      const isRight = phone !== undefined && (phone.connId === undefined || phone.connId === connId);
      if (n === undefined || !isRight || typeof connId !== 'string') {
        return `expected the frame at the holder, got ${withoutConnId(text)}`;
      }
      phone.connId = connId;
      unheard.delete(n);
    }
    const back = ++this.#lastFrame;
    for (const { connId } of phones) holder?.send(JSON.stringify({ conn_id: connId, frame: { back } }));
    for (const phone of phones) {
      const got = await phone.message(this.#promptMs());
      if (got !== JSON.stringify({ back })) return `expected a frame at the phone, got ${got ?? 'none'}`;
    }
    return undefined;
  }

  /** A released server-id is known to nobody, and can be claimed anew. */
  async #expectNobodyHome(): Promise<string | undefined> {
    const probe = await this.#dial('phone');
    if (typeof probe === 'string') return probe;
    const close = await probe.close(PROMPT_MS);
    if (close === undefined || !isSameClose(NOBODY_HOME, close)) {
      const got = close === undefined ? 'open' : describeClose(close);
      return `expected ${describeClose(NOBODY_HOME)} once released, got ${got}`;
    }
    const claimant = await this.#dial('binary');
    if (typeof claimant === 'string') return claimant;
    this.#roster = { holder: claimant, phones: [], line: [] };
    return await this.#control();
  }

  /** Whoever should hold the slot really does: a phone registers, frames go both ways, and its end is told. */
  async #control(): Promise<string | undefined> {
    const { maxPhones } = this.#options;
    const { holder, phones } = this.#roster;
    // At the cap there is no room for one more; but then each phone has just been heard.
    if (maxPhones > 0 && phones.length >= maxPhones) return undefined;
    const phone = await this.#dial('phone');
    if (typeof phone === 'string') return phone;
    const problem = await this.#framesBothWays(holder, [phone]);
    if (problem !== undefined) return `in the end: ${problem}`;
    await phone.leave(PROMPT_MS);
    return await this.#expectEnvelope(holder, phone, { close_code: 1000 });
  }
}
