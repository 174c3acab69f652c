/** The server chart itself as a target: an actor on a simulated clock, judged by what it emits. */
import { createActor, SimulatedClock } from 'xstate';
import { serverMachine } from '../machines/server-machine.ts';
import type { ServerEmitted } from '../machines/server-messages.ts';
import { isRegistered, liveBinary } from '../machines/server-view.ts';
import type { Expected, ExpectedClose } from './expectations.ts';
import { after, closesOf, describeClose, EMPTY, isSameClose, type Roster } from './roster.ts';
import type { Edge, ServerLogic } from './server-graph.ts';
import { situationOf } from './server-graph.ts';
import type { Target } from './target.ts';
import { describeSituation } from './wire-events.ts';

const GRACE_MS = 30_000;
const PROBE_MS = 10_000;

interface Dialled {
  readonly peer: string;
  readonly role: 'binary' | 'phone';
}

export class ChartTarget implements Target {
  readonly #clock = new SimulatedClock();
  readonly #actor;
  #roster: Roster<string> = EMPTY;
  #emitted: ServerEmitted[] = [];
  /** Who was the binary when a phone registered. */
  readonly #registeredUnder = new Map<string, string>();
  #lastId = 0;

  constructor(maxPhones: number, machine: ServerLogic = serverMachine) {
    this.#actor = createActor(machine, {
      clock: this.#clock,
      input: { serverId: 'model', maxPhones, timing: { graceMs: GRACE_MS, probeTimeoutMs: PROBE_MS } },
    });
    this.#actor.on('*', (emitted) => this.#emitted.push(emitted));
    this.#actor.start();
  }

  async step(edge: Edge, expected: Expected): Promise<string | undefined> {
    this.#emitted = [];
    const left = new Set<string>();
    const dialled = this.#perform(edge, left);
    const delivered = this.#delivered(edge);
    const closes = this.#closes();
    for (const [connId] of closes) this.#end(connId, 1000, expected);
    const wanted = closesOf(expected, this.#roster, dialled?.peer);
    const problem =
      compareCloses(wanted, closes) ??
      this.#compareAdmission(expected, dialled) ??
      this.#compareNotices(expected) ??
      (expected.delivered !== undefined && delivered !== expected.delivered
        ? `expected the frame ${expected.delivered ? 'to arrive' : 'not to be accepted'}`
        : undefined);
    this.#roster = after(this.#roster, expected, new Set([...left, ...wanted.keys()]), dialled);
    return problem ?? this.#compareSituation(edge);
  }

  async finish(): Promise<string | undefined> {
    if (this.#actor.getSnapshot().status !== 'active') return undefined;
    const isTimed = situationOf(this.#actor.getSnapshot()).slot !== 'live';
    this.#emitted = [];
    if (!isTimed) this.#clock.increment(10 * GRACE_MS);
    return this.#emitted.length > 0
      ? `a timer that should not run brought ${this.#emitted[0]?.type}`
      : undefined;
  }

  dispose(): void {
    this.#actor.stop();
  }

  #dial(role: Dialled['role']): Dialled {
    return { role, peer: `${role}-${++this.#lastId}` };
  }

  #perform({ event, from }: Edge, left: Set<string>): Dialled | undefined {
    const { holder, phones, line } = this.#roster;
    const oldest = phones[0];
    switch (event) {
      case 'claim': {
        const dialled = this.#dial('binary');
        this.#actor.send({ type: 'binary.claimed', connId: dialled.peer });
        return dialled;
      }
      case 'register': {
        const dialled = this.#dial('phone');
        this.#actor.send({ type: 'phone.registered', connId: dialled.peer });
        return dialled;
      }
      case 'phone leaves':
      case 'phone drops': {
        const newest = phones.at(-1);
        if (newest === undefined) return undefined;
        left.add(newest);
        this.#actor.send({ type: 'phone.unregistered', connId: newest });
        this.#end(newest, event === 'phone leaves' ? 1000 : 1001, undefined);
        return undefined;
      }
      case 'phone sends':
        if (from.slot === 'grace' && oldest !== undefined) {
          this.#actor.send({ type: 'phone.unheard', connId: oldest });
        }
        return undefined;
      case 'dismiss':
      case 'dismiss illegally':
        if (oldest === undefined) return undefined;
        this.#actor.send({
          type: 'phone.dismissed',
          connId: oldest,
          closeCode: event === 'dismiss' ? 4401 : 999,
        });
        return undefined;
      case 'holder leaves':
      case 'holder drops':
        this.#leave(holder, left);
        return undefined;
      case 'first in line leaves':
        this.#leave(line[0], left);
        return undefined;
      case 'last in line leaves':
        this.#leave(line.at(-1), left);
        return undefined;
      case 'holder answers':
        if (holder !== undefined) this.#actor.send({ type: 'binary.answered', connId: holder });
        return undefined;
      case 'holder is silent':
        this.#clock.increment(PROBE_MS);
        return undefined;
      case 'grace passes':
        this.#clock.increment(GRACE_MS);
        return undefined;
      case 'time passes':
        this.#clock.increment(10 * GRACE_MS);
        return undefined;
      case 'drain':
        this.#actor.send({ type: 'drain' });
        return undefined;
    }
  }

  #leave(binary: string | undefined, left: Set<string>): void {
    if (binary === undefined) return;
    left.add(binary);
    this.#actor.send({ type: 'binary.left', connId: binary });
  }

  /** A phone's socket is done. One that was dismissed makes no notice: its connection's chart sees to that. */
  #end(connId: string, closeCode: number, expected: Expected | undefined): void {
    const binaryId = this.#registeredUnder.get(connId);
    const wasDismissed = expected?.closes?.['oldest phone'] !== undefined && expected.delivered === true;
    if (binaryId === undefined || wasDismissed || this.#actor.getSnapshot().status !== 'active') return;
    this.#registeredUnder.delete(connId);
    this.#actor.send({ type: 'phone.ended', connId, binaryId, closeCode });
  }

  #closes(): Map<string, ExpectedClose> {
    const closes = new Map<string, ExpectedClose>();
    for (const emitted of this.#emitted) {
      if ('close' in emitted) {
        closes.set(emitted.connId, { code: emitted.close.closeCode, reason: emitted.close.reason });
      }
      if (emitted.type === 'phone.admitted') this.#registeredUnder.set(emitted.connId, emitted.binaryId);
    }
    return closes;
  }

  #delivered({ event }: Edge): boolean {
    if (event !== 'phone sends') return event === 'dismiss' || event === 'dismiss illegally';
    const snapshot = this.#actor.getSnapshot();
    const [oldest] = this.#roster.phones;
    return (
      oldest !== undefined && isRegistered(snapshot, oldest) && liveBinary(snapshot) === this.#roster.holder
    );
  }

  #compareAdmission(expected: Expected, dialled: Dialled | undefined): string | undefined {
    const admitted = this.#emitted.flatMap((emitted) =>
      emitted.type === 'binary.admitted' || emitted.type === 'phone.admitted' ? [emitted.connId] : [],
    );
    const wanted = [
      ...(expected.dialler === 'admitted' && dialled !== undefined ? [dialled.peer] : []),
      ...(expected.newHolder === 'first in line' ? this.#roster.line.slice(0, 1) : []),
    ];
    return admitted.join() === wanted.join()
      ? undefined
      : `expected ${wanted.join() || 'nobody'} to be admitted, got ${admitted.join() || 'nobody'}`;
  }

  #compareNotices(expected: Expected): string | undefined {
    const notices = this.#emitted.flatMap((emitted) =>
      emitted.type === 'notice.due' ? [emitted.closeCode] : [],
    );
    const wanted = expected.notice === undefined ? [] : [expected.notice];
    return notices.join() === wanted.join()
      ? undefined
      : `expected ${wanted.join() || 'no'} close notice, got ${notices.join() || 'none'}`;
  }

  #compareSituation({ to }: Edge): string | undefined {
    const actual = describeSituation(situationOf(this.#actor.getSnapshot()));
    const { phones, line } = this.#roster;
    if (actual !== describeSituation(to)) return `expected ${describeSituation(to)}, got ${actual}`;
    if (to.phones !== phones.length || to.line !== line.length) {
      return `the table leaves ${phones.length} phones and ${line.length} in line, the chart ${actual}`;
    }
    return undefined;
  }
}

const compareCloses = (
  wanted: ReadonlyMap<string, ExpectedClose>,
  actual: ReadonlyMap<string, ExpectedClose>,
): string | undefined => {
  for (const [peer, close] of wanted) {
    const got = actual.get(peer);
    if (got === undefined) return `expected ${describeClose(close)}, got open`;
    if (!isSameClose(close, got)) return `expected ${describeClose(close)}, got ${describeClose(got)}`;
  }
  for (const [peer, close] of actual) {
    if (!wanted.has(peer)) return `expected ${peer} to stay, got ${describeClose(close)}`;
  }
  return undefined;
};
