/**
 * Everything that can happen to push with few wakes: each sequence of events that leads to a new situation, played through the real
 * actors from the start. What they said is judged after each event.
 */
import type { InspectedMicrostepEvent, InspectionEvent } from 'xstate';
import { takenTransitions } from '../../src/inspect/taken-transitions.ts';
import type { pushMachine } from '../../src/machines/push-machine.ts';
import {
  BUSY,
  DENIED,
  FAILED,
  PushRun,
  READY,
  REFUSED,
  SENT,
  UNAUTHORIZED,
  UNREGISTERED,
} from './push-chart.ts';

type PushLogic = typeof pushMachine;

const ANSWERS = {
  sent: SENT,
  busy: BUSY,
  unauthorized: UNAUTHORIZED,
  unregistered: UNREGISTERED,
  failed: FAILED,
  refused: REFUSED,
};

/** Wakes, and changes of the provider, of one run. */
const FEW = { wakes: 2, changes: 1 };
/** First, second with a retry, third with a new credential. */
const MOST_SENDS = 3;

/** `admit`, `ready`, `denied`, `stale`, `sent 1`, `busy 1` ..., `time`, `on`, `off`, `same`, `end`. */
export type PushStep = string;

/** Follows a run, and knows what must not happen. */
export class PushWitness {
  readonly run: PushRun;
  readonly violations: string[] = [];
  readonly taken = new Set<string>();
  #admitted = 0;
  #changes = 0;
  readonly #sends = new Map<number, number>();
  readonly #called = new Set<number>();
  readonly #ended = new Set<number>();
  #fetching: number | undefined;
  #hasCredential = false;

  readonly #most: typeof FEW;

  constructor(machine?: PushLogic, most = FEW, inspect?: (inspected: InspectionEvent) => void) {
    this.#most = most;
    this.run = new PushRun(machine && { machine }, inspect);
    this.run.push.system.inspect((inspected) => {
      if (inspected.type === '@xstate.microstep') this.#note(inspected);
    });
  }

  #note(step: InspectedMicrostepEvent): void {
    for (const { source, event, index } of takenTransitions(step))
      this.taken.add(`${source} on ${event} [${index}]`);
  }

  /** What can happen now. */
  get offers(): PushStep[] {
    if (this.run.push.getSnapshot().status !== 'active') return [];
    return [
      ...(this.#admitted < this.#most.wakes ? ['admit'] : []),
      ...(this.#fetching === undefined ? [] : ['ready', 'denied', 'stale']),
      ...[...this.#called].flatMap((id) => Object.keys(ANSWERS).map((answer) => `${answer} ${id}`)),
      ...(this.run.armed > 0 ? ['time'] : []),
      ...(this.#changes < this.#most.changes ? ['on', 'off', 'same'] : []),
      'end',
    ];
  }

  perform(step: PushStep): void {
    const [what = '', id] = step.split(' ');
    const answer = Object.entries(ANSWERS).find(([name]) => name === what)?.[1];
    if (answer !== undefined) {
      this.#called.delete(Number(id));
      this.#hear(this.run.answer(Number(id), answer));
    } else this.#hear(this.#act(what));
    if (what === 'ready' && this.run.state !== 'ready') this.#fault('a credential does not count');
    if (what === 'denied' && this.run.state !== 'backingOff') this.#fault('a failed fetch does not count');
    this.#judge();
  }

  #act(what: string): string[] {
    switch (what) {
      case 'admit':
        this.#admitted++;
        return this.run.admit();
      case 'ready':
        this.#hasCredential = true;
        return this.run.fetched(READY, this.#fetching);
      case 'denied':
        return this.run.fetched(DENIED, this.#fetching);
      case 'stale':
        return this.run.fetched(READY, 0);
      case 'time':
        return this.run.advance(this.run.nextTimerMs);
      case 'same':
        this.#changes++;
        return this.run.confirm();
      case 'on':
      case 'off':
        this.#changes++;
        this.#hasCredential = false;
        return this.run.change(what === 'on');
      default:
        return this.run.end();
    }
  }

  #fault(text: string): void {
    this.violations.push(text);
  }

  #hear(said: readonly string[]): void {
    for (const each of said) {
      const [what, number = ''] = each.split(/[ :]/);
      const n = Number(number);
      if (what === 'fetch') {
        if (this.#fetching !== undefined) this.#fault('two fetches at once');
        this.#fetching = n;
      } else if (what === 'settled') {
        if (this.#fetching !== n) this.#fault('a fetch is settled that is none');
        this.#fetching = undefined;
      } else if (what === 'send') {
        this.#sends.set(n, (this.#sends.get(n) ?? 0) + 1);
        // A second try after a change goes to a provider that refuses it, and is then sent with a new credential.
        if (!this.#hasCredential && this.#sends.get(n) === 1)
          this.#fault('a wake is sent without a credential');
        if (this.#called.has(n)) this.#fault('a wake is sent before its answer');
        if (this.#ended.has(n)) this.#fault('a wake is sent after its end');
        if ((this.#sends.get(n) ?? 0) > MOST_SENDS) this.#fault('a wake is sent too often');
        this.#called.add(n);
      } else if (what === 'ended') {
        if (this.#ended.has(n)) this.#fault('a wake ends twice');
        this.#ended.add(n);
        this.#called.delete(n);
      } else this.#fault(each);
    }
  }

  #judge(): void {
    const snapshot = this.run.push.getSnapshot();
    const { wakes, waiting } = snapshot.context;
    if (wakes.size !== this.#admitted - this.#ended.size) this.#fault('a wake is lost or kept');
    if (this.run.children.length !== wakes.size) this.#fault('an actor is left behind');
    const awaiting = [...wakes.values()].filter((ref) => ref.getSnapshot().matches('awaitingCredential'));
    const sending = [...wakes.values()].filter((ref) => ref.getSnapshot().matches({ delivering: 'sending' }));
    if (sending.length !== this.#called.size) this.#fault('a wake is not sent');
    if (awaiting.length !== waiting.length) this.#fault('a wake waits, and nobody knows');
    if ((this.run.state === 'fetching') !== (this.#fetching !== undefined))
      this.#fault('a fetch outlives its state');
    if (awaiting.length > 0 && this.run.state !== 'fetching') this.#fault('a wake waits for nothing');
    if (snapshot.status === 'done' && this.#ended.size !== this.#admitted)
      this.#fault('the end came before an outcome');
  }

  /** Lets time pass until nothing is in flight. */
  unwind(): void {
    for (let steps = 0; this.run.inFlight > 0; steps++) {
      if (this.run.armed === 0 || steps > 50) return this.#fault('a wake never ends');
      this.perform('time');
    }
    this.perform('end');
    if (this.run.push.getSnapshot().status !== 'done') this.#fault('it never ends');
    return undefined;
  }

  /** Two runs with the same key go on in the same way. */
  get key(): string {
    const { context, status } = this.run.push.getSnapshot();
    const { wakes, waiting, credential, failures, refusals } = context;
    return JSON.stringify([
      status,
      this.run.state,
      this.#admitted,
      this.#changes,
      this.#hasCredential,
      failures,
      refusals,
      waiting,
      [...wakes].map(([slot, ref]) => {
        const { value, context: wake } = ref.getSnapshot();
        const { id, hasRenewed, hasRetried } = wake;
        return [slot, id, value, hasRenewed, hasRetried, wake.credential === credential];
      }),
      this.run.timers,
    ]);
  }
}

/** Exploring ends there: a chart that grew without bound would never be explored. */
const MOST_SITUATIONS = 20_000;

/**
 * @param machine the push chart, or one with a planted fault
 * @param inspect told of every run
 */
export const explorePush = (machine?: PushLogic, inspect?: (inspected: InspectionEvent) => void) => {
  const taken = new Set<string>();
  const seen = new Set<string>();
  const paths: PushStep[][] = [[]];
  for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
    const witness = new PushWitness(machine, FEW, inspect);
    for (const step of path) witness.perform(step);
    const { key, offers } = witness;
    const isNew = !seen.has(key);
    seen.add(key);
    if (isNew && offers.length > 0 && witness.violations.length === 0) {
      for (const step of offers) paths.push([...path, step]);
      witness.unwind();
    }
    for (const each of witness.taken) taken.add(each);
    const [violation] = witness.violations;
    if (violation !== undefined)
      return { situations: seen.size, taken, violation: `${path.join(', ')} → ${violation}` };
    if (seen.size > MOST_SITUATIONS)
      return { situations: seen.size, taken, violation: 'it grows without bound' };
  }
  return { situations: seen.size, taken, violation: undefined };
};
