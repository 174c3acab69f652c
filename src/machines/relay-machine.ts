/**
 * The relay as a whole: serving, draining, stopped (spec section 5). Owns the directory and the drain deadline,
 * which overrides every other.
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
  /** From the directory: draining, and the last connection has ended. */
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
  description: 'The relay as a whole.',
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
      description: 'Claims and registrations are taken.',
      on: { drain: 'draining' },
    },
    draining: {
      description: 'Everyone has been told to go; what waits for them is sent until the deadline.',
      entry: 'drainDirectory',
      after: { drainDeadline: 'stopped' },
      on: { 'directory.emptied': 'stopped' },
    },
    stopped: { type: 'final', description: 'Everyone has left, or the deadline has passed.' },
  },
});
