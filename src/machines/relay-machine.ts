/**
 * The whole relay: serving, draining, stopped (spec section 5). Owns the directory and the times of a drain. The drain
 * deadline overrides every other.
 */
import { type ActorRefFrom, assign, emit, sendTo, setup } from 'xstate';
import { DRAIN_WAVE_INTERVAL_MS } from '../protocol/limits.ts';
import { directory } from './directory.ts';
import type { DirectorySettings } from './directory-messages.ts';

export interface DrainTiming {
  /** How long a relay that drains serves as before, so that load balancers have the time to see it; 0 for not at all. */
  readonly delayMs: number;
  /** Time over which server-ids are closed, in waves; 0 for all at once. */
  readonly spreadMs: number;
  /** From the start of the drain to its end, whatever is left; delay and spread included. */
  readonly deadlineMs: number;
}

export interface RelayInput {
  readonly drain: DrainTiming;
  readonly directory: DirectorySettings;
}

export interface RelayContext extends RelayInput {
  /** Waves that have not been sent yet. */
  readonly wavesLeft: number;
}

export type RelayEvent =
  | { readonly type: 'drain' }
  /** The relay could not start: nobody is there to be waited for. */
  | { readonly type: 'drain.now' }
  /** From the directory during a drain: the last connection has ended. */
  | { readonly type: 'directory.emptied' };

/** The relay accepts no connection from now on. */
export interface RelayEmitted {
  readonly type: 'accepting.ended';
}

export type DirectoryRef = ActorRefFrom<typeof directory>;

/** The directory's name in the actor system. */
export const DIRECTORY = 'directory';

const chart = setup({
  types: {
    context: {} as RelayContext,
    events: {} as RelayEvent,
    emitted: {} as RelayEmitted,
    input: {} as RelayInput,
    children: {} as { [DIRECTORY]: 'directory' },
  },
  actors: { directory },
  delays: {
    drainDelay: ({ context }) => context.drain.delayMs,
    drainDeadline: ({ context }) => context.drain.deadlineMs,
    waveInterval: DRAIN_WAVE_INTERVAL_MS,
  },
  guards: {
    hasNoDelay: ({ context }) => context.drain.delayMs === 0,
    hasWavesLeft: ({ context }) => context.wavesLeft > 0,
  },
  actions: {
    endAccepting: emit({ type: 'accepting.ended' }),
    drainWave: sendTo(DIRECTORY, ({ context }) => ({ type: 'drain', wavesLeft: context.wavesLeft })),
    countWave: assign({ wavesLeft: ({ context }) => context.wavesLeft - 1 }),
  },
});

const CLOSE = { target: '#relay.draining.closing', actions: 'endAccepting' } as const;

export const relayMachine = chart.createMachine({
  id: 'relay',
  description: 'The whole relay.',
  context: ({ input }) => ({
    ...input,
    wavesLeft: Math.max(1, Math.ceil(input.drain.spreadMs / DRAIN_WAVE_INTERVAL_MS)),
  }),
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
      on: { drain: 'draining', 'drain.now': CLOSE },
    },
    draining: {
      description: 'Not ready, for whoever asks. At the deadline, what is left is cut.',
      initial: 'announcing',
      states: {
        announcing: {
          description: 'Serves as before, until load balancers have seen that the relay is not ready.',
          always: { guard: 'hasNoDelay', ...CLOSE },
          after: { drainDelay: CLOSE },
          on: { 'drain.now': CLOSE },
        },
        closing: {
          description: 'Accepts nobody. Server-ids are told to close, wave by wave.',
          entry: ['drainWave', 'countWave'],
          after: {
            waveInterval: { guard: 'hasWavesLeft', target: 'closing', reenter: true },
          },
        },
      },
      after: { drainDeadline: 'stopped' },
      on: { 'directory.emptied': 'stopped' },
    },
    stopped: { type: 'final', description: 'All connections have ended, or the deadline has passed.' },
  },
});

export type RelayRef = ActorRefFrom<typeof relayMachine>;
