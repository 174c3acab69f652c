/** The push chart and its wakes on a clock that only the test moves. The test plays the provider. */
import { type Actor, createActor, type InspectionEvent } from 'xstate';
import { pushMachine } from '../../src/machines/push-machine.ts';
import type { CredentialOutcome, WakeRef } from '../../src/machines/push-messages.ts';
import type { SendOutcome, WakeEnd } from '../../src/machines/wake-messages.ts';
import { DrivenTimers } from './driven-timers.ts';

/** What transport is asked for, or told: `fetch 1`, `settled 1`, `send 7`, `ended 7: sent`. */
type Said = string;

export const READY: CredentialOutcome = { kind: 'ready', expiresInMs: 3_600_000 };
export const DENIED: CredentialOutcome = { kind: 'failed', reason: 'status 400' };
export const SENT: SendOutcome = { kind: 'sent' };
export const BUSY: SendOutcome = { kind: 'busy', reason: 'status 503', quota: false };
export const UNAUTHORIZED: SendOutcome = { kind: 'unauthorized', reason: 'status 401' };
export const UNREGISTERED: SendOutcome = { kind: 'unregistered', reason: 'status 404' };
export const FAILED: SendOutcome = { kind: 'failed', reason: 'no answer' };
export const REFUSED: SendOutcome = { kind: 'failed', reason: 'status 400', isCredentialGood: true };

const endText = (end: WakeEnd): string =>
  end.outcome === 'sent' ? `sent ${end.messageId ?? 'without an id'}` : `${end.outcome}, ${end.reason}`;

export class PushRun {
  readonly #timers = new DrivenTimers(0);
  readonly push: Actor<typeof pushMachine>;
  readonly refs = new Map<number, WakeRef>();
  #lastId = 0;
  #said: Said[] = [];

  /** @param inspect told of the chart and its wakes from their starts */
  constructor(
    { isOn = true, machine = pushMachine } = {},
    inspect: (inspected: InspectionEvent) => void = () => {},
  ) {
    this.push = createActor(machine, { id: 'push', input: { isOn } });
    this.push.system.inspect(inspect);
    this.#timers.install(this.push.system);
    this.push.on('*', (emitted) => {
      switch (emitted.type) {
        case 'credential.due':
          return void this.#said.push(`fetch ${emitted.credential}`);
        case 'credential.settled':
          return void this.#said.push(`settled ${emitted.credential}`);
        case 'wake.created': {
          const { id, ref } = emitted;
          this.refs.set(id, ref);
          ref.on('send.due', () => void this.#said.push(`send ${id}`));
          return undefined;
        }
        case 'wake.ended':
          this.refs.delete(emitted.id);
          return void this.#said.push(`ended ${emitted.id}: ${endText(emitted.end)}`);
        case 'wake.failed':
          return void this.#said.push('a chart threw');
      }
    });
    this.push.start();
  }

  /** Admits wakes, numbered from 1 on over all calls. */
  admit(count = 1): Said[] {
    for (let n = 0; n < count; n++) {
      const id = ++this.#lastId;
      this.push.send({ type: 'wake.admitted', id, serverId: `s${id}`, fingerprint: 'ab12cd34' });
    }
    return this.said();
  }

  /** Answers a fetch: the last one, unless a number is given. */
  fetched(outcome: CredentialOutcome, credential = this.push.getSnapshot().context.credential): Said[] {
    this.push.send({ type: 'credential.answered', credential, outcome });
    return this.said();
  }

  answer(id: number, outcome: SendOutcome): Said[] {
    this.refs.get(id)?.send({ type: 'send.answered', outcome });
    return this.said();
  }

  advance(ms: number): Said[] {
    this.#timers.advance(ms);
    return this.said();
  }

  change(isOn: boolean): Said[] {
    this.push.send({ type: 'provider.changed', isOn });
    return this.said();
  }

  confirm(): Said[] {
    this.push.send({ type: 'provider.confirmed' });
    return this.said();
  }

  end(): Said[] {
    this.push.send({ type: 'end' });
    return this.said();
  }

  said(): Said[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  /** `on.fetching` as "fetching". */
  get state(): string {
    const { value } = this.push.getSnapshot();
    return typeof value === 'string' ? value : (Object.values(value)[0]?.toString() ?? '');
  }

  get inFlight(): number {
    return this.push.getSnapshot().context.wakes.size;
  }

  /** Actors that XState still holds for the chart. */
  get children(): string[] {
    return Object.keys(this.push.getSnapshot().children);
  }

  /** Delayed events that are neither delivered nor cancelled. */
  get armed(): number {
    return this.#timers.armed;
  }

  /** Until the next of them. */
  get nextTimerMs(): number {
    return this.#timers.pending[0]?.leftMs ?? 0;
  }

  /** Their actors and times, the next one first. */
  get timers(): string[] {
    return this.#timers.pending.map(({ actor, leftMs }) => `${actor} ${leftMs}`);
  }
}
