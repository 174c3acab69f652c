/** A recording, taken through the server chart again: every state it goes through, and where the two part. */
import { transition } from 'xstate';
import { serverMachine } from '../machines/server-machine.ts';
import type { ServerEvent, ServerInput } from '../machines/server-messages.ts';
import type { ServerSnapshot } from '../machines/server-view.ts';
import { BEGINNING, isSameState, type RecordedState, snapshotOf, stateOf } from './recorded-state.ts';
import type { RecordedConfig } from './recorder.ts';
import type { Recording, ServerRecording } from './recording.ts';
import type { ReplayEvent } from './recording-format.ts';

export interface ReplayStep {
  readonly serverId: string;
  /** Of the event among those of its server-id, from 1. */
  readonly index: number;
  /** In the file. */
  readonly line: number;
  readonly t: number;
  readonly event: ReplayEvent;
  readonly recorded: RecordedState;
  readonly replayed: RecordedState;
  /** The two states differ. The replay goes on from its own. */
  readonly diverges: boolean;
}

interface Place {
  readonly snapshot: ServerSnapshot;
  readonly state: RecordedState;
}

const placeOf = (given: RecordedState, input: ServerInput): Place => {
  const snapshot = snapshotOf(given, input);
  return { snapshot, state: stateOf(snapshot) };
};

const take = ({ snapshot, state }: Place, event: ReplayEvent): Place => {
  // What ended hears nothing.
  if (state.status !== 'active') return { snapshot, state };
  try {
    // Timers and the stop are XState's own events, which no chart declares; this one takes them all the same.
    const [next] = transition(serverMachine, snapshot, event as ServerEvent);
    return { snapshot: next, state: stateOf(next) };
  } catch {
    return { snapshot, state: { ...state, status: 'error' } };
  }
};

/** Time does not pass in a replay: what a timer did stands in the recording as its event. */
export function* replayServer(
  { serverId, before, records }: ServerRecording,
  { maxPhones, graceMs, probeTimeoutMs }: RecordedConfig,
): Generator<ReplayStep, void> {
  const input = { serverId, maxPhones, timing: { graceMs, probeTimeoutMs } };
  let place = placeOf(before, input);
  for (const [at, { line, t, event, after }] of records.entries()) {
    place = event.type === BEGINNING ? placeOf(after, input) : take(place, event);
    const replayed = place.state;
    const diverges = !isSameState(after, replayed);
    yield { serverId, index: at + 1, line, t, event, recorded: after, replayed, diverges };
  }
}

/** Every step of every server-id, in the order of the file. */
export function* replayRecording({ header, servers }: Recording): Generator<ReplayStep, void> {
  for (const server of servers) yield* replayServer(server, header.config);
}
