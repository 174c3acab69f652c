/**
 * The whole relay: serving, draining, stopped (spec section 5). Owns the directory, push and the times of a drain. The drain
 * deadline overrides every other.
 */
import { type ActorRefFrom, assign, emit, sendTo, setup, stateIn } from 'xstate';
import { DRAIN_WAVE_INTERVAL_MS } from '../protocol/limits.ts';
import { directory } from './directory-logic.ts';
import type { DirectorySettings } from './directory-messages.ts';
import { pushMachine } from './push-machine.ts';

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
  /** Whether there is a provider of push; without it, there is none. */
  readonly isPushOn?: boolean;
}

export interface RelayContext extends RelayInput {
  /** At least 1. */
  readonly waves: number;
  /** Those that have not been sent yet. */
  readonly wavesLeft: number;
}

export type RelayEvent =
  | { readonly type: 'drain' }
  /** The relay could not start: nobody is there to be waited for. */
  | { readonly type: 'drain.now' }
  /** From the directory during a drain: the last connection has ended. */
  | { readonly type: 'directory.emptied' }
  /** The push chart threw. */
  | { readonly type: 'xstate.error.actor.push'; readonly error: unknown };

export type RelayEmitted =
  /** The relay accepts no connection from now on. */
  | { readonly type: 'accepting.ended' }
  /** There is no push until the next start. The relay serves on. */
  | { readonly type: 'push.failed'; readonly error: unknown };

export type DirectoryRef = ActorRefFrom<typeof directory>;

/** The directory's name in the actor system. */
export const DIRECTORY = 'directory';
/** The push chart's. */
export const PUSH = 'push';

const chart = setup({
  types: {
    context: {} as RelayContext,
    events: {} as RelayEvent,
    emitted: {} as RelayEmitted,
    input: {} as RelayInput,
    children: {} as { [DIRECTORY]: 'directory'; [PUSH]: 'push' },
  },
  actors: { directory, push: pushMachine },
  delays: {
    drainDelay: ({ context }) => context.drain.delayMs,
    drainDeadline: ({ context }) => context.drain.deadlineMs,
    waveInterval: DRAIN_WAVE_INTERVAL_MS,
  },
  guards: {
    isAtOnce: ({ context }) => context.drain.delayMs === 0 && context.wavesLeft === 1,
    hasNoDelay: ({ context }) => context.drain.delayMs === 0,
    isLastWave: ({ context }) => context.wavesLeft === 1,
    isClosing: stateIn({ draining: 'closing' }),
  },
  actions: {
    endAccepting: emit({ type: 'accepting.ended' }),
    drainWave: sendTo(DIRECTORY, ({ context: { wavesLeft, waves } }) => ({
      type: 'drain',
      wavesLeft,
      waves,
    })),
    drainRest: sendTo(DIRECTORY, ({ context: { waves } }) => ({ type: 'drain', wavesLeft: 1, waves })),
    endPush: sendTo(PUSH, { type: 'end' }),
    reportPush: emit((_, { error }: { readonly error: unknown }) => ({ type: 'push.failed', error })),
    countWave: assign({ wavesLeft: ({ context }) => context.wavesLeft - 1 }),
  },
});

export const relayMachine = chart.createMachine({
  id: 'relay',
  description: 'The whole relay.',
  context: ({ input }) => {
    const waves = Math.max(1, Math.ceil(input.drain.spreadMs / DRAIN_WAVE_INTERVAL_MS));
    return { ...input, waves, wavesLeft: waves };
  },
  invoke: [
    {
      id: DIRECTORY,
      systemId: DIRECTORY,
      src: 'directory',
      input: ({ context, self }) => ({ ...context.directory, relay: self }),
    },
    {
      id: PUSH,
      systemId: PUSH,
      src: 'push',
      input: ({ context }) => ({ isOn: context.isPushOn ?? false }),
    },
  ],
  on: {
    'xstate.error.actor.push': { actions: { type: 'reportPush', params: ({ event }) => event } },
  },
  initial: 'serving',
  states: {
    serving: {
      description: 'Accepts claims and registrations.',
      on: { drain: 'draining', 'drain.now': 'draining.closing' },
    },
    draining: {
      description: 'Not ready, for whoever asks. At the deadline, what is left is cut.',
      initial: 'announcing',
      states: {
        announcing: {
          description: 'Serves as before, until load balancers have seen that the relay is not ready.',
          always: [
            { guard: 'isAtOnce', target: 'closing' },
            { guard: 'hasNoDelay', target: 'spreading' },
          ],
          after: { drainDelay: [{ guard: 'isLastWave', target: 'closing' }, { target: 'spreading' }] },
          on: { 'drain.now': 'closing' },
        },
        spreading: {
          description: 'Server-ids are closed, wave by wave. Those whose turn has not come are served.',
          entry: ['drainWave', 'countWave'],
          after: {
            waveInterval: [
              { guard: 'isLastWave', target: 'closing' },
              { target: 'spreading', reenter: true },
            ],
          },
          on: { 'directory.emptied': 'closing' },
        },
        closing: {
          description: 'Accepts nobody. Every connection that is left has been told to close.',
          entry: ['endAccepting', 'drainRest'],
        },
      },
      // Timers of a stalled relay are late, so the deadline can come before the last wave.
      after: {
        drainDeadline: [
          { guard: 'isClosing', target: 'stopped' },
          { target: 'stopped', actions: 'endAccepting' },
        ],
      },
      on: { 'directory.emptied': 'stopped' },
    },
    stopped: {
      type: 'final',
      description: 'All connections have ended, or the deadline has passed. Wakes in flight are cancelled.',
      entry: 'endPush',
    },
  },
});

export type RelayRef = ActorRefFrom<typeof relayMachine>;
