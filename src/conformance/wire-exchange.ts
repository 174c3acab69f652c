/** Frames to and from a target, each with a number of its own, so that one that is lost, swapped or foreign is noticed. */
import { describeClose } from './roster.ts';
import type { TimerWindow } from './timer-window.ts';
import type { WirePeer } from './wire-peer.ts';

const parseEnvelope = (text: string): { conn_id?: unknown; frame?: unknown; close_code?: unknown } => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
};

/** Ids differ from run to run, and say nothing. */
export const withoutConnId = (text: string): string =>
  text.slice(0, 80).replace(/"conn_id":"[^"]*"/, '"conn_id":"…"');

export class WireExchange {
  readonly #window: TimerWindow;
  #lastFrame = 0;

  constructor(window: TimerWindow) {
    this.#window = window;
  }

  /** The number of the frame that was sent last. */
  get lastFrame(): number {
    return this.#lastFrame;
  }

  nextFrame(): number {
    this.#lastFrame++;
    return this.#lastFrame;
  }

  /** The next envelope at the holder is this phone's, with exactly this beside its id. */
  async expectEnvelope(
    holder: WirePeer | undefined,
    phone: WirePeer | undefined,
    rest: { readonly frame?: unknown; readonly close_code?: number },
  ): Promise<string | undefined> {
    const text = await holder?.message(this.#window.promptMs());
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

  /** All phones speak at once, then all are spoken to: there is no order between phones, but each is heard. */
  async framesBothWays(
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
        // One that was sent away is the better news: its close frame may have come after the look at who stays.
        const lost = [...unheard.values()].find(({ closed }) => closed !== undefined)?.closed;
        return lost === undefined
          ? 'expected the frame at the holder, got nothing'
          : `expected a phone to stay, got ${describeClose(lost)}`;
      }
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
    const back = this.nextFrame();
    for (const { connId } of phones) holder?.send(JSON.stringify({ conn_id: connId, frame: { back } }));
    for (const phone of phones) {
      const got = await phone.message(this.#window.promptMs());
      if (got !== JSON.stringify({ back })) return `expected a frame at the phone, got ${got ?? 'none'}`;
    }
    return undefined;
  }
}
