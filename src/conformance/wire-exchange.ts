/** Sends and expects frames. Each has a unique number, so that a lost, swapped or foreign frame is detected. */
import { visibleText } from '../protocol/visible-text.ts';
import { describeClose } from './roster.ts';
import { Lapse } from './target.ts';
import { PROMPT_MS, type TimerWindow } from './timer-window.ts';
import type { WirePeer } from './wire-peer.ts';

/** Half of what this relay and the Go relay wait for the answer to a close frame. */
const AT_ONCE_MS = 2_500;
/** Latest close notice, from the end of the phone's connection. A relay sends it at once; it may be busy. */
const NOTICE_MS = 1_000;
const MAX_SHOWN_CHARS = 80;

const parseEnvelope = (text: string): { conn_id?: unknown; frame?: unknown; close_code?: unknown } => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
};

/** What a peer got, for people: escaped, as the target chose it, cut short, and its conn id masked, which differs from run to run. */
export const shownMessage = (text: string | undefined): string =>
  text === undefined
    ? 'none'
    : visibleText(text.slice(0, MAX_SHOWN_CHARS).replace(/"conn_id":"[^"]*"/, '"conn_id":"…"'));

export class WireExchange {
  readonly #window: TimerWindow;
  #lastFrame = 0;

  constructor(window: TimerWindow) {
    this.#window = window;
  }

  /** Number of the last sent frame. */
  get lastFrame(): number {
    return this.#lastFrame;
  }

  nextFrame(): number {
    this.#lastFrame++;
    return this.#lastFrame;
  }

  /** Expects the holder's next envelope within `latestMs`, from `phone`, with exactly `rest` besides its conn id. */
  async expectEnvelope(
    holder: WirePeer | undefined,
    phone: WirePeer | undefined,
    rest: { readonly frame?: unknown; readonly close_code?: number },
    latestMs = PROMPT_MS,
  ): Promise<string | undefined> {
    const text = await holder?.message(Math.min(latestMs, this.#window.promptMs()));
    const what = rest.close_code === undefined ? 'the frame' : `close notice ${rest.close_code}`;
    if (text === undefined) return `expected ${what} at the holder, got nothing`;
    const envelope = parseEnvelope(text);
    const connId = phone?.connId;
    const isPhone = connId === undefined ? typeof envelope.conn_id === 'string' : envelope.conn_id === connId;
    const { conn_id: _, ...others } = envelope;
    if (!isPhone || JSON.stringify(others) !== JSON.stringify(rest)) {
      return `expected ${what} at the holder, got ${shownMessage(text)}`;
    }
    if (phone !== undefined && typeof envelope.conn_id === 'string') phone.connId = envelope.conn_id;
    return undefined;
  }

  /** @throws Lapse if the right notice comes too late */
  async expectNotice(
    holder: WirePeer | undefined,
    phone: WirePeer | undefined,
    code: number,
  ): Promise<string | undefined> {
    const sinceMs = performance.now();
    const problem = await this.expectEnvelope(holder, phone, { close_code: code });
    const tookMs = performance.now() - sinceMs;
    const late = `expected close notice ${code} within ${NOTICE_MS} ms, got it after ${Math.round(tookMs / 100) / 10} s`;
    if (problem === undefined && tookMs > NOTICE_MS && this.#window.unlessLate(late) !== undefined)
      throw new Lapse(late);
    return problem;
  }

  /** Closes with a close frame, which the relay must answer. */
  async leave(peer: WirePeer, timeoutMs: number): Promise<string | undefined> {
    const answer = await peer.leave(timeoutMs);
    return answer === undefined
      ? `expected the close of a ${peer.role} to be answered, got nothing`
      : undefined;
  }

  /**
   * The phone does not read, so it does not answer its close frame. The notice must still arrive at once, after the phone's
   * last frame. Nothing that the phone sends afterwards may arrive: the end of the path checks that.
   */
  async sendBadJson(
    phone: WirePeer | undefined,
    holder: WirePeer | undefined,
    notice: number | undefined,
  ): Promise<string | undefined> {
    if (phone === undefined) return undefined;
    phone.stopReading();
    const frame = { n: this.nextFrame() };
    if (notice !== undefined) phone.send(JSON.stringify(frame));
    phone.send('{"n":');
    phone.send(JSON.stringify({ n: 'after the end' }));
    const problem =
      notice === undefined
        ? undefined
        : ((await this.expectEnvelope(holder, phone, { frame }, AT_ONCE_MS)) ??
          (await this.expectEnvelope(holder, phone, { close_code: notice }, AT_ONCE_MS)));
    phone.readOn();
    return problem;
  }

  /** Every phone sends a frame, then the holder sends one to each. */
  async framesBothWays(
    holder: WirePeer | undefined,
    phones: readonly WirePeer[],
  ): Promise<string | undefined> {
    return (await this.framesToHolder(holder, phones)) ?? (await this.#framesToPhones(holder, phones));
  }

  /** Every phone sends a frame. Frames of different phones may arrive in any order. */
  async framesToHolder(
    holder: WirePeer | undefined,
    phones: readonly WirePeer[],
  ): Promise<string | undefined> {
    const unheard = new Map<number, WirePeer>();
    for (const phone of phones) {
      const n = this.nextFrame();
      unheard.set(n, phone);
      phone.send(JSON.stringify({ n }));
    }
    while (unheard.size > 0) {
      const text = await holder?.message(this.#window.promptMs());
      if (text === undefined) {
        // Prefer to report who is closed: its close frame may have arrived after the check for open connections.
        for (const peer of [holder, ...unheard.values()]) {
          if (peer?.closed !== undefined)
            return `expected a ${peer.role} to stay, got ${describeClose(peer.closed)}`;
        }
        return 'expected the frame at the holder, got nothing';
      }
      const { conn_id: connId, ...others } = parseEnvelope(text);
      const [n, phone] =
        [...unheard].find(([sent]) => JSON.stringify(others) === `{"frame":{"n":${sent}}}`) ?? [];
      const isRight = phone !== undefined && (phone.connId === undefined || phone.connId === connId);
      if (n === undefined || !isRight || typeof connId !== 'string') {
        return `expected the frame at the holder, got ${shownMessage(text)}`;
      }
      phone.connId = connId;
      unheard.delete(n);
    }
    return undefined;
  }

  async #framesToPhones(
    holder: WirePeer | undefined,
    phones: readonly WirePeer[],
  ): Promise<string | undefined> {
    const back = this.nextFrame();
    for (const { connId } of phones) holder?.send(JSON.stringify({ conn_id: connId, frame: { back } }));
    for (const phone of phones) {
      const got = await phone.message(this.#window.promptMs());
      if (got !== JSON.stringify({ back })) return `expected a frame at the phone, got ${shownMessage(got)}`;
    }
    return undefined;
  }
}
