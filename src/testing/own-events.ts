/** Which of a chart's own events can happen in a state: those to try there, if the caller names none. */
import type { AnyMachineSnapshot } from 'xstate';
import { activeStates } from '../machines/active-states.ts';

/** "xstate.done.actor.fetch" comes from the actor that is invoked as "fetch" (xstate 5.33). */
const OUTCOMES = ['xstate.done.actor.', 'xstate.error.actor.', 'xstate.snapshot.'];

const senderOf = (type: string): string | undefined => {
  const prefix = OUTCOMES.find((each) => type.startsWith(each));
  return prefix === undefined ? undefined : type.slice(prefix.length);
};

/** The chart raises it itself when a child state is done: nobody sends it. */
const isRaised = (type: string): boolean => type.startsWith('xstate.done.state.');

/** What an actor tells is left out where it does not run: the error of one that nobody awaits would end the chart. */
export const ownEvents = (snapshot: AnyMachineSnapshot, types: readonly string[]): string[] => {
  const invoked = new Set(activeStates(snapshot).flatMap(({ invoke }) => invoke.map(({ id }) => id)));
  return types.filter((type) => {
    const sender = senderOf(type);
    return !isRaised(type) && (sender === undefined || invoked.has(sender));
  });
};
