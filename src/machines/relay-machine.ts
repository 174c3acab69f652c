/**
 * The whole relay: serving, draining, stopped (spec section 5). Owns the directory and the drain deadline, which
 * overrides every other.
 */
import { type ActorRefFrom, sendTo, setup } from 'xstate';
import { directory } from './directory.ts';
import type { DirectorySettings } from './directory-messages.ts';

export interface RelayInput {
  readonly drainDeadlineMs: number;
  readonly directory: DirectorySettings;
}

export type RelayEvent =
  | { readonly type: 'drain' }
  /** From the directory during a drain: the last connection has ended. */
  | { readonly type: 'directory.emptied' };

export type DirectoryRef = ActorRefFrom<typeof directory>;

/** The directory's name in the actor system. */
export const DIRECTORY = 'directory';

const chart = setup({
  types: {
    context: {} as RelayInput,
    events: {} as RelayEvent,
    input: {} as RelayInput,
    children: {} as { [DIRECTORY]: 'directory' },
  },
  actors: { directory },
  delays: { drainDeadline: ({ context }) => context.drainDeadlineMs },
  actions: { drainDirectory: sendTo(DIRECTORY, { type: 'drain' }) },
});

export const relayMachine = chart.createMachine({
  id: 'relay',
  description: 'The whole relay.',
  context: ({ input }) => input,
  invoke: {
    id: DIRECTORY,
    systemId: DIRECTORY,
    src: 'directory',
    input: ({ context, self }) => ({ ...context.directory, relay: self }),
  },
  initial: 'serving',
  states: {
    serving: {
      description: 'Accepts claims and registrations.',
      on: { drain: 'draining' },
    },
    draining: {
      description: 'Every connection has been told to close. Backlogs are sent until the deadline.',
      entry: 'drainDirectory',
      after: { drainDeadline: 'stopped' },
      on: { 'directory.emptied': 'stopped' },
    },
    stopped: { type: 'final', description: 'All connections have ended, or the deadline has passed.' },
  },
});
