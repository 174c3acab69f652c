/**
 * The actors as a target, on a simulated clock. They are told what transport would tell them, and judged by the orders
 * that connections give to their sockets.
 */
import { isRegistered, liveBinary } from '../machines/server-view.ts';
import { CONNECTION_TIMING, type RelayLogic, SERVER_TIMING } from './actor-system.ts';
import { compareSeen } from './compare-seen.ts';
import type { Expected } from './expectations.ts';
import { PlayedSockets } from './played-sockets.ts';
import { after, closesOf, EMPTY, type Roster } from './roster.ts';
import { type Edge, situationOf } from './server-graph.ts';
import type { Target } from './target.ts';
import { describeSituation, type Situation } from './wire-events.ts';

const SERVER_ID = 'model';
/** Longer than any timer that could still run. */
const LONG_MS = 3 * Math.max(SERVER_TIMING.graceMs, CONNECTION_TIMING.flushTimeoutMs);

interface Dialled {
  readonly peer: string;
  readonly role: 'binary' | 'phone';
}

export class ActorTarget implements Target {
  readonly #sockets: PlayedSockets;
  #roster: Roster<string> = EMPTY;
  #hasDrained = false;
  #lastId = 0;

  constructor(maxPhones: number, relay?: RelayLogic) {
    this.#sockets = new PlayedSockets(maxPhones, relay);
  }

  async step(edge: Edge, expected: Expected): Promise<string | undefined> {
    this.#sockets.forget();
    const gone = new Set<string>();
    const canHear = this.#canHear(this.#roster.phones[0]);
    const dialled = this.#perform(edge, gone);
    const problem =
      compareSeen(this.#sockets.seen, { edge, expected, before: this.#roster, dialled: dialled?.peer }) ??
      this.#compareDelivery(edge, expected, canHear);
    const situation = this.#compareSituation(edge);
    this.#sockets.answerAll();
    const closed = closesOf(expected, this.#roster, dialled?.peer).keys();
    this.#roster = after(this.#roster, expected, new Set([...gone, ...closed]), dialled);
    return problem ?? situation ?? this.#comparePresence();
  }

  async finish(): Promise<string | undefined> {
    const slot = this.#situation()?.slot ?? 'released';
    this.#sockets.forget();
    if (slot === 'live') this.#sockets.advance(LONG_MS);
    const { closes, notices, faults } = this.#sockets.seen;
    if (closes.size + notices.length + faults.length > 0) return 'an unexpected close, notice or fault';
    if (this.#hasDrained) {
      return this.#sockets.system.hasStopped
        ? undefined
        : 'drained with no connection left, but the relay has not stopped';
    }
    return slot === 'released' ? this.#expectNobodyHome() : undefined;
  }

  dispose(): void {
    this.#sockets.system.stop();
  }

  #dial(role: Dialled['role']): Dialled {
    const peer = `${role}-${++this.#lastId}`;
    this.#sockets.dial({ connId: peer, role, serverId: SERVER_ID });
    return { role, peer };
  }

  #perform({ event }: Edge, gone: Set<string>): Dialled | undefined {
    const { holder, phones, line } = this.#roster;
    const [oldest] = phones;
    const leave = (connId: string | undefined, how: 'leave' | 'drop'): undefined => {
      if (connId === undefined) return;
      gone.add(connId);
      if (how === 'leave') this.#sockets.leave(connId);
      else this.#sockets.drop(connId);
    };
    switch (event) {
      case 'claim':
        return this.#dial('binary');
      case 'register':
        return this.#dial('phone');
      case 'phone leaves':
        return leave(phones.at(-1), 'leave');
      case 'phone drops':
        return leave(phones.at(-1), 'drop');
      case 'phone sends':
        if (!this.#canHear(oldest)) this.#sockets.report(oldest, { type: 'frame.unheard' });
        return undefined;
      case 'phone sends bad JSON':
        // The notice must not wait for the phone's answer.
        this.#sockets.ignoreClose(oldest);
        this.#sockets.report(oldest, { type: 'message.rejected', cause: 'not_json' });
        return undefined;
      case 'dismiss':
      case 'dismiss illegally':
        if (oldest === undefined) return undefined;
        // Its place must be free before it answers.
        this.#sockets.ignoreClose(oldest);
        this.#sockets.report(holder, {
          type: 'directive.received',
          connId: oldest,
          closeCode: event === 'dismiss' ? 4401 : 999,
          isTooLong: false,
        });
        return undefined;
      case 'holder leaves':
        return leave(holder, 'leave');
      case 'holder drops':
        return leave(holder, 'drop');
      case 'first in line leaves':
        return leave(line[0], 'leave');
      case 'last in line leaves':
        return leave(line.at(-1), 'leave');
      case 'holder answers':
        this.#sockets.report(holder, { type: 'probe.answered' });
        return undefined;
      case 'holder is silent':
        this.#expire(SERVER_TIMING.probeTimeoutMs);
        return undefined;
      case 'grace passes':
        this.#expire(SERVER_TIMING.graceMs);
        return undefined;
      case 'time passes':
        this.#sockets.advance(LONG_MS);
        return undefined;
      case 'drain':
        this.#hasDrained = true;
        this.#sockets.system.drain();
        this.#sockets.react();
        return undefined;
    }
  }

  /** Lets a timer of the server chart expire, and checks that it does not a millisecond earlier. */
  #expire(lengthMs: number): void {
    const slot = this.#situation()?.slot;
    this.#sockets.advance(lengthMs - 1);
    if (this.#situation()?.slot !== slot) this.#sockets.seen.faults.push('a timer fired too early');
    this.#sockets.advance(1);
  }

  /** Whether the data plane would forward a frame of this phone. */
  #canHear(phone: string | undefined): boolean {
    const server = this.#sockets.system.servers.get(SERVER_ID)?.getSnapshot();
    return (
      server !== undefined &&
      phone !== undefined &&
      isRegistered(server, phone) &&
      liveBinary(server) !== null &&
      liveBinary(server) === this.#roster.holder
    );
  }

  #compareDelivery({ event }: Edge, expected: Expected, canHear: boolean): string | undefined {
    if (expected.delivered === undefined) return undefined;
    const [oldest] = this.#roster.phones;
    // The frame of a directive is sent before the close frame, or not at all.
    const isSent = event === 'phone sends' || this.#sockets.seen.flushed.has(oldest ?? '');
    return (canHear && isSent) === expected.delivered
      ? undefined
      : `expected the frame ${expected.delivered ? 'to arrive' : 'not to be accepted'}`;
  }

  #situation(): Situation | undefined {
    const server = this.#sockets.system.servers.get(SERVER_ID);
    return server && situationOf(server.getSnapshot());
  }

  #compareSituation({ to }: Edge): string | undefined {
    const actual = describeSituation(this.#situation() ?? { slot: 'released', phones: 0, line: 0 });
    return actual === describeSituation(to) ? undefined : `expected ${describeSituation(to)}, got ${actual}`;
  }

  /** Checks that exactly the peers that the table expects are open or waiting. */
  #comparePresence(): string | undefined {
    const { holder, phones, line } = this.#roster;
    const wanted = [...phones, ...line, ...(holder === undefined ? [] : [holder])];
    const actual = this.#sockets.connected();
    const missing = wanted.find((connId) => !actual.includes(connId));
    if (missing !== undefined) return `expected ${missing} to stay, but it has closed`;
    const extra = actual.find((connId) => !wanted.includes(connId));
    return extra && `expected ${extra} to close, but it is still open`;
  }

  /** A released server-id is unknown, and can be claimed again. */
  #expectNobodyHome(): string | undefined {
    const { peer: phone } = this.#dial('phone');
    const close = this.#sockets.seen.closes.get(phone);
    if (close?.code !== 4404) return `expected 4404 once released, got ${close ? close.code : 'open'}`;
    const { peer: binary } = this.#dial('binary');
    return this.#sockets.seen.admitted.includes(binary)
      ? undefined
      : 'a released server-id cannot be claimed';
  }
}
