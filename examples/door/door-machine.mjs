/** A door with a code: three wrong codes block it, and it locks itself some time after it has opened. */
import { assign, setup } from 'xstate';

export const CODE = '1234';
export const OPEN_MS = 5_000;
export const BLOCKED_MS = 60_000;

export const doorMachine = setup({
  types: {
    context: /** @type {{ tries: number }} */ ({}),
    events:
      /** @type {{ type: 'code.entered', code: string } | { type: 'door.held' } | { type: 'door.closed' }} */ ({}),
  },
  delays: { openTime: OPEN_MS, blockTime: BLOCKED_MS },
  guards: {
    isRight: (_, /** @type {{ code: string }} */ { code }) => code === CODE,
    isLastTry: ({ context }) => context.tries >= 2,
  },
  actions: {
    countTry: assign({ tries: ({ context }) => context.tries + 1 }),
    forgetTries: assign({ tries: 0 }),
  },
}).createMachine({
  id: 'door',
  context: { tries: 0 },
  initial: 'locked',
  states: {
    locked: {
      on: {
        'code.entered': [
          {
            guard: { type: 'isRight', params: ({ event }) => event },
            target: 'open',
            actions: 'forgetTries',
          },
          { guard: 'isLastTry', target: 'blocked', actions: 'forgetTries' },
          { actions: 'countTry' },
        ],
      },
    },
    open: {
      after: { openTime: 'locked' },
      on: { 'door.held': { target: 'open', reenter: true }, 'door.closed': 'locked' },
    },
    blocked: { after: { blockTime: 'locked' } },
  },
});
