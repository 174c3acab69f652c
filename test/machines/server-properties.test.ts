/** What holds for a server-id whatever happens to it, in whatever order. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ServerEmitted, ServerEvent } from '../../src/machines/server-messages.ts';
import { liveBinary } from '../../src/machines/server-view.ts';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import {
  answer,
  claim,
  DRAIN,
  dismiss,
  end,
  leave,
  register,
  type ServerRun,
  startServer,
  unheard,
  unregister,
} from '../support/server-chart.ts';

// Outside production, xstate warns about each event that is sent to an actor that has ended.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Connection ids are unique; a step that needs one that is known picks it by this number. */
const pick = fc.nat({ max: 40 });

const step = fc.oneof(
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
      kind: fc.constantFrom('unregister' as const, 'unheard' as const, 'dismiss' as const, 'end' as const),
      pick,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 40_000 }) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Listens to a server actor as the relay does, and objects to what must never happen. */
class Ledger {
  readonly #server: ServerRun;
  readonly #cap: number;
  /** Every binary and phone that ever dialled. */
  readonly #binaries: string[] = [];
  readonly #phones: string[] = [];
  readonly #waiting = new Set<string>();
  readonly #registered = new Set<string>();
  /** Phones that wait for the answer to their registration. */
  readonly #asking = new Set<string>();
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
    if (event.type === 'phone.unregistered') this.#registered.delete(event.connId);
    this.#hear(said);
  }

  /** Once the actor has ended nobody is left, and everyone was answered. */
  checkEnd(): void {
    expect(this.#server.snapshot.status).toBe('done');
    expect([this.#holder, this.#registered.size, this.#waiting.size]).toStrictEqual([null, 0, 0]);
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
      unregister: unregister(phone),
      unheard: unheard(phone),
      dismiss: dismiss(phone, next.pick % 2 === 0 ? 4401 : 999),
      end: end(phone, binary, 1000),
    };
    return events[next.kind];
  }

  #hear(said: readonly ServerEmitted[]): void {
    for (const emitted of said) this.#enter(emitted);
    this.#checkState();
  }

  #enter(emitted: ServerEmitted): void {
    switch (emitted.type) {
      case 'binary.admitted':
        expect(this.#waiting.delete(emitted.connId), 'admitted, and had claimed').toBe(true);
        expect(this.#holder, 'admitted while another holds the slot').toBeNull();
        this.#holder = emitted.connId;
        return;
      case 'binary.refused':
        expect(this.#waiting.delete(emitted.connId), 'refused, and had claimed').toBe(true);
        return;
      case 'binary.probed':
        expect(emitted.connId).toBe(this.#holder);
        return;
      case 'binary.evicted':
        expect(emitted.connId).toBe(this.#holder);
        this.#holder = null;
        return;
      case 'phone.admitted':
        expect(this.#asking.delete(emitted.connId), 'admitted, and had asked').toBe(true);
        this.#registered.add(emitted.connId);
        return;
      case 'phone.refused':
        expect(this.#asking.delete(emitted.connId), 'refused, and had asked').toBe(true);
        return;
      case 'phone.evicted':
        expect(this.#registered.delete(emitted.connId), 'evicted, and was registered').toBe(true);
        return;
      case 'notice.due':
        expect(emitted.binaryId).toBe(this.#holder);
        return;
      case 'notice.lost':
      case 'grace.started':
      case 'grace.expired':
        expect(this.#holder).toBeNull();
    }
  }

  #checkState(): void {
    const { snapshot } = this.#server;
    const { context } = snapshot;
    if (this.#cap > 0) expect(context.phones.length).toBeLessThanOrEqual(this.#cap);
    expect([...context.phones]).toStrictEqual([...this.#registered]);
    expect([...context.claimants]).toStrictEqual([...this.#waiting]);
    expect(this.#asking.size, 'every registration is answered at once').toBe(0);
    expect(liveBinary(snapshot)).toBe(this.#holder);
    if (snapshot.value === 'unclaimed' || snapshot.value === 'released') {
      expect(context.phones).toStrictEqual([]);
    }
    expect(context.claimants.length > 0).toBe(snapshot.matches({ claimed: { held: 'probing' } }));
    expect(JSON.parse(JSON.stringify(context))).toStrictEqual(context);
  }
}

const property = fc.property(
  fc.constantFrom(1, 2, 3, 16, 0, -1),
  fc.array(step, { maxLength: 60 }),
  (cap, steps) => {
    const server = startServer(cap);
    const ledger = new Ledger(server, cap);
    for (const next of steps) {
      if (server.snapshot.status === 'active') ledger.take(next);
    }
    if (server.snapshot.status === 'active') ledger.tell(DRAIN);
    ledger.checkEnd();

    const { snapshot } = server;
    expect(server.send(claim('late'), register('late'), leave('b0'), unheard('p1'), DRAIN)).toStrictEqual([]);
    expect(server.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(server.snapshot).toBe(snapshot);
  },
);

test('nobody is admitted twice, lost, left over or left without an answer', () => {
  fc.assert(property, { numRuns: 1_000 });
});
