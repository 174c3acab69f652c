/** Invariants of a server-id, and random steps that test them. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { ConnectionCommand } from '../../src/machines/connection-messages.ts';
import type { ServerEmitted, ServerEvent } from '../../src/machines/server-messages.ts';
import { liveBinary } from '../../src/machines/server-view.ts';
import {
  answer,
  claim,
  dismiss,
  end,
  leave,
  phoneLeaves,
  register,
  type ServerRun,
  unheard,
} from './server-chart.ts';

/** Conn ids are unique. A step that needs a known one picks it by this number. */
const pick = fc.nat({ max: 40 });

export const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('claim' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('register' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('holderLeaves' as const, 'holderAnswers' as const, 'leave' as const),
      pick,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('phoneLeaves' as const, 'unheard' as const, 'dismiss' as const, 'end' as const),
      pick,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 40_000 }) }) },
);

export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Listens to a server actor as its connections do, and fails on what must never happen. */
export class ServerLedger {
  readonly #server: ServerRun;
  readonly #cap: number;
  /** Every binary and phone that ever dialled. */
  readonly #binaries: string[] = [];
  readonly #phones: string[] = [];
  /** Connections that have claimed or asked to register, and have no answer yet. */
  readonly #waiting = new Set<string>();
  readonly #asking = new Set<string>();
  readonly #registered = new Set<string>();
  /** The binary that each phone was admitted under. */
  readonly #binaryOf = new Map<string, string>();
  /** Refused or told to close. They must be told nothing more. */
  readonly #gone = new Set<string>();
  #holder: string | null = null;

  constructor(server: ServerRun, cap: number) {
    this.#server = server;
    this.#cap = cap;
  }

  take(next: Step): void {
    if (next.kind === 'wait') this.#hear(this.#server.advance(next.ms));
    else this.tell(this.#eventOf(next));
  }

  tell(event: ServerEvent): void {
    if (event.type === 'binary.claimed') this.#waiting.add(event.connId);
    if (event.type === 'phone.registered') this.#asking.add(event.connId);
    const said = this.#server.send(event);
    if (event.type === 'binary.left') {
      this.#waiting.delete(event.connId);
      if (this.#holder === event.connId) this.#holder = null;
    }
    if (event.type === 'phone.left') this.#registered.delete(event.connId);
    this.#hear(said);
  }

  /** Once the actor has ended, no connection is left, and all were answered. */
  checkEnd(): void {
    expect(this.#server.snapshot.status).toBe('done');
    const left = [this.#registered.size, this.#waiting.size, this.#asking.size];
    expect([this.#holder, ...left]).toStrictEqual([null, 0, 0, 0]);
  }

  #eventOf(next: Exclude<Step, { kind: 'wait' }>): ServerEvent {
    if (next.kind === 'claim') {
      this.#binaries.push(`b${this.#binaries.length}`);
      return claim(this.#binaries.at(-1) ?? '');
    }
    if (next.kind === 'register') {
      this.#phones.push(`p${this.#phones.length}`);
      return register(this.#phones.at(-1) ?? '');
    }
    const phone = this.#phones[next.pick % (this.#phones.length + 1)] ?? 'stranger';
    const binary = this.#binaries[next.pick % (this.#binaries.length + 1)] ?? 'stranger';
    const events: Record<typeof next.kind, ServerEvent> = {
      holderLeaves: leave(this.#holder ?? binary),
      holderAnswers: answer(this.#holder ?? binary),
      leave: leave(binary),
      phoneLeaves: phoneLeaves(phone),
      unheard: unheard(phone),
      dismiss: dismiss(phone, next.pick % 2 === 0 ? 4401 : 999, next.pick % 3 === 0),
      end: end(phone, this.#binaryOf.get(phone) ?? 'nobody', 1000),
    };
    return events[next.kind];
  }

  #hear(said: ReturnType<ServerRun['send']>): void {
    for (const one of said) {
      if ('type' in one) this.#enterEmitted(one);
      else this.#enterTold(...one);
    }
    this.#checkState();
  }

  #enterEmitted(emitted: ServerEmitted): void {
    if (emitted.type === 'phone.dismissed') expect(this.#registered.has(emitted.connId)).toBe(true);
    else expect(this.#holder, `${emitted.type} while a binary holds the slot`).toBeNull();
  }

  #enterTold(connId: string, command: ServerEvent | ConnectionCommand): void {
    expect(this.#gone.has(connId), `${connId} is told ${command.type} after its end`).toBe(false);
    switch (command.type) {
      case 'admit':
        this.#enterAdmission(connId, command.binaryId, command.admission === 'registration');
        return;
      case 'refuse':
        expect(this.#waiting.delete(connId) || this.#asking.delete(connId), 'refused, and waited').toBe(true);
        this.#gone.add(connId);
        return;
      case 'close':
        if (connId === this.#holder) this.#holder = null;
        else expect(this.#registered.delete(connId), 'closed, and was registered').toBe(true);
        this.#gone.add(connId);
        return;
      case 'probe':
        expect(connId).toBe(this.#holder);
        return;
      case 'notify':
        expect(connId, 'the holder, under which the phone had registered').toBe(this.#holder);
        expect(connId).toBe(this.#binaryOf.get(command.connId));
        return;
      default:
        expect.unreachable(`a server told a connection ${command.type}`);
    }
  }

  #enterAdmission(connId: string, binaryId: string, isPhone: boolean): void {
    if (isPhone) {
      expect(this.#asking.delete(connId), 'admitted, and had asked').toBe(true);
      this.#registered.add(connId);
      this.#binaryOf.set(connId, binaryId);
      return;
    }
    expect(this.#waiting.delete(connId), 'admitted, and had claimed').toBe(true);
    expect(this.#holder, 'admitted while another holds the slot').toBeNull();
    expect(binaryId).toBe(connId);
    expect(this.#registered.size, 'phones are never inherited').toBe(0);
    this.#holder = connId;
  }

  #checkState(): void {
    const { snapshot } = this.#server;
    const { context } = snapshot;
    if (this.#cap > 0) expect(context.phones.length).toBeLessThanOrEqual(this.#cap);
    expect([...context.phones]).toStrictEqual([...this.#registered]);
    expect([...context.claimants]).toStrictEqual([...this.#waiting]);
    expect(this.#asking.size, 'every registration is answered at once').toBe(0);
    expect(liveBinary(snapshot)).toBe(this.#holder);
    expect(context.claimants.length > 0).toBe(snapshot.matches({ claimed: { held: 'probing' } }));
    expect(JSON.parse(JSON.stringify(context))).toStrictEqual(context);
  }
}
