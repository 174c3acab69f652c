/**
 * Records what was exercised of a chart: states, transitions, guards that held and that did not, timers that fired and that
 * were cancelled, and pairs of transitions. By steps of an explored graph, by paths, or by inspection of running actors.
 */
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventObject,
  type InputFrom,
  type InspectedMicrostepEvent,
  type InspectionEvent,
  isMachineSnapshot,
} from 'xstate';
import { takenTransitions } from '../inspect/taken-transitions.ts';
import { activeStates } from '../machines/active-states.ts';
import { transitionKey } from './chart-parts.ts';
import type { Edge } from './covers.ts';
import { isTimer } from './explore.ts';
import { cancelledBy, initialState, startPurely, stepPurely } from './pure-logic.ts';
import { rejectedGuards } from './rejected-guards.ts';

/** The part of an explored step that is needed here. */
export interface CoveredStep {
  readonly state: AnyMachineSnapshot;
  readonly trigger: EventObject;
}

/** All that an actor did for one event. */
interface Macrostep {
  readonly before: AnyMachineSnapshot;
  readonly event: EventObject;
  readonly microsteps: readonly InspectedMicrostepEvent[];
  /** Ids of the timers that were cancelled: the types of their events. */
  readonly cancelled: readonly string[];
}

interface Running {
  before: AnyMachineSnapshot | undefined;
  microsteps: InspectedMicrostepEvent[];
  cancelled: string[];
  lastTaken: readonly string[];
}

const pairKey = (first: string, second: string): string => `${first} » ${second}`;

const keysOf = (microsteps: readonly InspectedMicrostepEvent[]): string[] =>
  microsteps.flatMap(takenTransitions).map(({ source, event, index }) => transitionKey(source, event, index));

export class ChartCoverage {
  readonly machine: AnyStateMachine;
  /** Ids of states that were active. */
  readonly states = new Set<string>();
  /** Keys of transitions that were taken. */
  readonly transitions = new Set<string>();
  /** Keys of transitions whose guard was asked and did not hold. */
  readonly rejected = new Set<string>();
  /** Event types of timers that fired. */
  readonly fired = new Set<string>();
  /** Event types of timers that were cancelled before they fired. */
  readonly cancelled = new Set<string>();
  /** Two transitions taken in consecutive steps of an actor. */
  readonly pairs = new Set<string>();
  readonly #running = new WeakMap<object, Running>();

  constructor(machine: AnyStateMachine) {
    this.machine = machine;
  }

  /** The start of the chart, with its eventless transitions. */
  takeStart<M extends AnyStateMachine>(machine: M, input?: InputFrom<M>): void {
    this.#start(startPurely(machine, input).microsteps, initialState(machine, input));
  }

  /** Steps that need not follow each other: a whole explored graph. Makes no pairs. */
  takeSteps(steps: readonly CoveredStep[]): void {
    for (const step of steps) this.#takePurely(step);
  }

  /** Steps that follow each other, from the start of the chart or from elsewhere. */
  takePath(steps: readonly CoveredStep[]): void {
    let last: readonly string[] = [];
    for (const step of steps) last = this.#pair(last, this.#takePurely(step));
  }

  /** For `createActor(machine, { inspect })` or `system.inspect`: records each actor of this chart. Must be there from its start. */
  readonly inspect = (inspected: InspectionEvent): void => {
    const ref = inspected.actorRef;
    const running = this.#running.get(ref) ?? {
      before: undefined,
      microsteps: [],
      cancelled: [],
      lastTaken: [],
    };
    this.#running.set(ref, running);
    if (inspected.type === '@xstate.microstep') running.microsteps.push(inspected);
    else if (inspected.type === '@xstate.action') running.cancelled.push(...cancelledBy(inspected.action));
    else if (inspected.type === '@xstate.snapshot') this.#end(running, inspected.event, inspected.snapshot);
  };

  #end(running: Running, event: EventObject, snapshot: unknown): void {
    const { before, microsteps, cancelled } = running;
    running.microsteps = [];
    running.cancelled = [];
    if (!this.#isOwn(snapshot)) return;
    running.before = snapshot;
    if (before === undefined) this.#start(microsteps, snapshot);
    else
      running.lastTaken = this.#pair(running.lastTaken, this.#take({ before, event, microsteps, cancelled }));
  }

  /** A provided machine has the config of its original. */
  #isOwn(snapshot: unknown): snapshot is AnyMachineSnapshot {
    return isMachineSnapshot(snapshot) && snapshot.machine.config === this.machine.config;
  }

  /** There is no snapshot of before: what was asked follows from what was taken. */
  #start(microsteps: readonly InspectedMicrostepEvent[], snapshot: unknown): void {
    for (const { source, event, index } of microsteps.flatMap(takenTransitions)) {
      this.states.add(source);
      this.transitions.add(transitionKey(source, event, index));
      for (let before = 0; before < index; before++) this.rejected.add(transitionKey(source, event, before));
    }
    if (this.#isOwn(snapshot)) this.#enter(snapshot);
  }

  #enter(snapshot: AnyMachineSnapshot): void {
    for (const { id } of activeStates(snapshot)) this.states.add(id);
  }

  #takePurely({ state, trigger }: CoveredStep): string[] {
    return this.#take({ before: state, event: trigger, ...stepPurely(this.machine, state, trigger) });
  }

  /** @returns keys of the transitions that were taken */
  #take({ before, event, microsteps, cancelled }: Macrostep): string[] {
    const happened = new Set([event.type, ...microsteps.map((step) => step.event.type)]);
    for (const type of happened) if (isTimer(type)) this.fired.add(type);
    for (const id of cancelled) if (isTimer(id) && !happened.has(id)) this.cancelled.add(id);
    this.#enter(before);
    this.#reject(before, event.type, microsteps[0]);
    for (const [i, microstep] of microsteps.entries()) {
      const { snapshot } = microstep;
      if (!this.#isOwn(snapshot)) continue;
      this.#enter(snapshot);
      const next = microsteps[i + 1];
      // XState looks for eventless transitions after each microstep, and takes the next event when it finds none.
      this.#reject(snapshot, '', next);
      if (next !== undefined && !isEventless(next)) this.#reject(snapshot, next.event.type, next);
    }
    const taken = keysOf(microsteps);
    for (const key of taken) this.transitions.add(key);
    return taken;
  }

  #reject(at: AnyMachineSnapshot, event: string, microstep: InspectedMicrostepEvent | undefined): void {
    const taken = microstep === undefined ? [] : takenTransitions(microstep);
    const onEvent = taken.filter((each) => each.event === event);
    for (const key of rejectedGuards(at, event, onEvent)) this.rejected.add(key);
  }

  /** A step that takes nothing leaves the pair open. */
  #pair(last: readonly string[], taken: readonly string[]): readonly string[] {
    for (const first of last) for (const second of taken) this.pairs.add(pairKey(first, second));
    return taken.length > 0 ? taken : last;
  }
}

const isEventless = (microstep: InspectedMicrostepEvent): boolean =>
  takenTransitions(microstep).some(({ event }) => event === '');

/** The pairs of transitions that can follow each other in a graph. */
export const possiblePairs = (
  machine: AnyStateMachine,
  edges: readonly (CoveredStep & Edge<string>)[],
): ReadonlySet<string> => {
  const outgoing = new Map<string, Set<string>>();
  const incoming = new Map<string, Set<string>>();
  const add = (map: Map<string, Set<string>>, at: string, keys: readonly string[]): void =>
    void map.set(at, new Set([...(map.get(at) ?? []), ...keys]));
  for (const { from, to, state, trigger } of edges) {
    const taken = keysOf(stepPurely(machine, state, trigger).microsteps);
    add(outgoing, from, taken);
    add(incoming, to, taken);
  }
  return new Set(
    [...incoming].flatMap(([at, firsts]) =>
      [...firsts].flatMap((first) => [...(outgoing.get(at) ?? [])].map((second) => pairKey(first, second))),
    ),
  );
};
