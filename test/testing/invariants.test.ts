/** What must hold in every state and step. The checks are typed by the chart: none of them is annotated. */
import { expect, test } from 'vitest';
import { assign, setup } from 'xstate';
import { explore } from '../../src/testing/explore.ts';
import { checkInvariants } from '../../src/testing/invariants.ts';

const counter = setup({
  types: { context: {} as { readonly count: number }, events: {} as { type: 'up' } | { type: 'reset' } },
  guards: { isLow: ({ context }) => context.count < 2 },
  actions: { add: assign({ count: ({ context }) => context.count + 1 }), clear: assign({ count: 0 }) },
}).createMachine({
  id: 'counter',
  context: { count: 0 },
  on: { up: { guard: 'isLow', actions: 'add' }, reset: { actions: 'clear' } },
});

test('names the step that breaks one, in words', () => {
  const report = checkInvariants(explore(counter), {
    states: [{ name: 'counts to 1', holds: ({ context }) => context.count <= 1 }],
    describe: ({ context }) => `at ${context.count}`,
  });
  expect(report).toEqual({
    states: 3,
    steps: 6,
    violations: ['up in at 1: counts to 1', 'up in at 2: counts to 1', 'reset in at 2: counts to 1'],
  });
});

test('a check of steps has the event and both states', () => {
  const { violations } = checkInvariants(explore(counter), {
    steps: [
      {
        name: 'only reset counts down',
        holds: ({ event, state, nextState }) =>
          event === 'reset' || nextState.context.count >= state.context.count,
      },
    ],
    judge: ({ trigger, state }) =>
      trigger.type === 'reset' && state.context.count === 2 ? ['gives up what it had'] : [],
    describe: ({ context }) => `at ${context.count}`,
  });
  expect(violations).toEqual(['reset in at 2: gives up what it had']);
});
