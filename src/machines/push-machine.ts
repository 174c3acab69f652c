/**
 * Push: whether there is a credential of the provider, and the wakes in flight, at most `MAX_WAKES_IN_FLIGHT`. However many wakes need
 * a credential, it is fetched once. It knows times and numbers, and neither credentials nor tokens: transport keeps those.
 */
import { BACKING_OFF, pushSetup, REFUSED, TIMED_OUT } from './push-actions.ts';

export const pushMachine = pushSetup.createMachine({
  id: 'push',
  description: 'Wakes of phones that are away.',
  context: ({ input }) => ({
    ...input,
    wakes: new Map(),
    waiting: [],
    credential: 0,
    failures: 0,
    refusals: 0,
    freshMs: 0,
    backoffMs: 0,
  }),
  initial: 'starting',
  on: {
    end: '.ending',
    'wake.ended': { actions: { type: 'release', params: ({ event }) => event } },
    // The one wildcard: a wake whose chart has thrown must not end push, and with it the relay.
    'xstate.error.actor.*': { actions: { type: 'abandon', params: ({ event }) => event } },
  },
  states: {
    starting: {
      description: 'Decides by whether there is a provider. Left at once.',
      always: [{ guard: 'isOn', target: 'on' }, { target: 'off' }],
    },
    off: {
      description: 'There is no provider.',
      on: {
        'provider.changed': {
          guard: { type: 'isOnNow', params: ({ event }) => event },
          target: 'on',
        },
        'wake.admitted': {
          actions: {
            type: 'turnAway',
            params: ({ event }) => ({ ...event, reason: 'push is switched off' }),
          },
        },
      },
    },
    on: {
      description: 'There is a provider.',
      initial: 'idle',
      on: {
        'provider.changed': [
          {
            guard: { type: 'isOnNow', params: ({ event }) => event },
            target: '.idle',
            actions: 'startOver',
          },
          {
            target: 'off',
            actions: ['startOver', { type: 'cancelWakes', params: { reason: 'push is switched off' } }],
          },
        ],
        'wake.admitted': {
          actions: {
            type: 'turnAway',
            params: ({ event }) => ({ ...event, reason: 'too many wakes in flight' }),
          },
        },
      },
      states: {
        idle: {
          description: 'No credential, or an old one. It is fetched when a wake needs it.',
          always: { guard: 'isAwaited', target: 'fetching' },
          on: {
            'wake.admitted': {
              guard: 'hasRoom',
              actions: { type: 'admit', params: ({ event }) => event },
            },
            'credential.refused': { actions: { type: 'await', params: ({ event }) => event } },
          },
        },
        fetching: {
          description: 'A credential is fetched. All wakes wait for the same one.',
          entry: 'fetch',
          exit: 'endFetch',
          after: {
            callTimeout: {
              target: 'backingOff',
              actions: [
                { type: 'countFailure', params: { outcome: TIMED_OUT } },
                { type: 'tellFailed', params: { outcome: TIMED_OUT } },
              ],
            },
          },
          on: {
            'wake.admitted': {
              guard: 'hasRoom',
              actions: { type: 'admit', params: ({ event }) => event },
            },
            'credential.refused': { actions: { type: 'await', params: ({ event }) => event } },
            'credential.answered': [
              {
                guard: { type: 'isReady', params: ({ event }) => event },
                target: 'ready',
                actions: [{ type: 'keepCredential', params: ({ event }) => event }, 'tellReady'],
              },
              {
                guard: { type: 'isDenied', params: ({ event }) => event },
                target: 'backingOff',
                actions: [
                  { type: 'countFailure', params: ({ event }) => event },
                  { type: 'tellFailed', params: ({ event }) => event },
                ],
              },
            ],
          },
        },
        ready: {
          description: 'Wakes are sent at once.',
          after: { freshness: { target: 'idle', actions: 'forgetRefusals' } },
          on: {
            'wake.admitted': {
              guard: 'hasRoom',
              actions: [{ type: 'admit', params: ({ event }) => event }, 'tellReady'],
            },
            'credential.refused': [
              {
                guard: { type: 'isOutdated', params: ({ event }) => event },
                actions: [{ type: 'await', params: ({ event }) => event }, 'tellReady'],
              },
              {
                guard: 'isRefusedAgain',
                target: 'backingOff',
                actions: [
                  { type: 'await', params: ({ event }) => event },
                  { type: 'countFailure', params: { outcome: REFUSED } },
                  { type: 'tellFailed', params: { outcome: REFUSED } },
                ],
              },
              {
                target: 'fetching',
                actions: [{ type: 'await', params: ({ event }) => event }, 'countRefusal'],
              },
            ],
          },
        },
        backingOff: {
          description: 'No credential could be had. Wakes fail meanwhile, and the service is left alone.',
          after: { backoff: 'idle' },
          on: {
            'provider.confirmed': { target: 'idle', actions: 'startOver' },
            'wake.admitted': {
              guard: 'hasRoom',
              actions: [
                { type: 'admit', params: ({ event }) => event },
                { type: 'tellFailed', params: { outcome: BACKING_OFF } },
              ],
            },
            'credential.refused': {
              actions: [
                { type: 'await', params: ({ event }) => event },
                { type: 'tellFailed', params: { outcome: BACKING_OFF } },
              ],
            },
          },
        },
      },
    },
    ending: {
      description: 'The relay stops. Left when each wake has its outcome.',
      entry: { type: 'cancelWakes', params: { reason: 'cancelled' } },
      always: { guard: 'isEmpty', target: 'ended' },
      on: {
        'wake.admitted': {
          actions: { type: 'turnAway', params: ({ event }) => ({ ...event, reason: 'cancelled' }) },
        },
      },
    },
    ended: { type: 'final', description: 'No more wakes.' },
  },
});
