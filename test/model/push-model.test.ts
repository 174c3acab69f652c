/** The charts of push and of its wakes together: nothing that can happen breaks what they promise, and planted faults are found. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, type AnyStateNode, emit } from 'xstate';
import { pushMachine } from '../../src/machines/push-machine.ts';
import { wakeMachine } from '../../src/machines/wake-machine.ts';
import { explorePush, PushWitness } from '../support/push-model.ts';

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap((child) => nodesOf(child)),
];

const transitionsOf = (machine: AnyStateMachine): string[] =>
  nodesOf(machine.root).flatMap((node) =>
    [...node.transitions, ['', node.always ?? []] as const].flatMap(([event, candidates]) =>
      candidates.map((_, index) => `${node.id} on ${event} [${index}]`),
    ),
  );

/**
 * Taken in `coverage.test.ts` and `test/machines/push-machine.test.ts` only: the start, which nobody can inspect; a chart that throws;
 * what the pipeline keeps away; and push that is switched off and on.
 */
const ELSEWHERE = [
  'push.starting on  [0]',
  'push.starting on  [1]',
  'push on xstate.error.actor.* [0]',
  'push.on on wake.admitted [0]',
  'push.ending on wake.admitted [0]',
  'push.off on provider.changed [0]',
];

test('with two wakes, every situation that can come up is sound, and every transition is taken', () => {
  const { situations, taken, violation } = explorePush();
  expect(violation).toBeUndefined();
  const missed = [pushMachine, wakeMachine].flatMap((machine) => transitionsOf(machine));
  expect(missed.filter((each) => !taken.has(each)).toSorted()).toStrictEqual(ELSEWHERE.toSorted());
  expect(situations).toBe(1_621);
});

test('neither does a long walk with five wakes break anything', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { maxLength: 60 }), (choices) => {
      const witness = new PushWitness(pushMachine, { wakes: 5, changes: 3 });
      const steps: string[] = [];
      for (const choice of choices) {
        // The end is left to the last: else most walks were short.
        const offers = witness.offers.filter((step) => step !== 'end');
        const step = offers[choice % Math.max(offers.length, 1)];
        if (step === undefined) break;
        steps.push(step);
        witness.perform(step);
        expect(witness.violations, steps.join(', ')).toStrictEqual([]);
      }
      witness.unwind();
      expect(witness.violations, steps.join(', ')).toStrictEqual([]);
    }),
    { numRuns: 300 },
  );
});

const nothing = (): void => {};
const always = (): boolean => true;
const never = (): boolean => false;

type PushLogic = typeof pushMachine;
const withWake = (wake: typeof wakeMachine): PushLogic => pushMachine.provide({ actors: { wake } });

describe('a planted fault is found:', () => {
  test.each<[string, PushLogic, RegExp]>([
    [
      'an old answer counts',
      pushMachine.provide({ guards: { isReady: always } }),
      /without a credential|for nothing|its state/,
    ],
    ['no credential counts', pushMachine.provide({ guards: { isReady: never } }), /does not count/],
    ['a failed fetch does not count', pushMachine.provide({ guards: { isDenied: never } }), /does not count/],
    [
      'a fetch is not given up',
      pushMachine.provide({ actions: { endFetch: nothing } }),
      /outlives its state|two fetches/,
    ],
    [
      'a fetch that is not asked for',
      pushMachine.provide({ actions: { fetch: nothing } }),
      /outlives its state/,
    ],
    [
      'wakes are not told of the credential',
      pushMachine.provide({ actions: { tellReady: nothing } }),
      /waits for nothing/,
    ],
    [
      'wakes are not told that there is none',
      pushMachine.provide({ actions: { tellFailed: nothing } }),
      /waits for nothing/,
    ],
    [
      'a wake whose credential is refused is not noted',
      pushMachine.provide({ actions: { await: nothing } }),
      /nobody knows/,
    ],
    ['wakes are not cancelled', pushMachine.provide({ actions: { cancelWakes: nothing } }), /./],
    [
      'a wake that has ended keeps its place',
      pushMachine.provide({ actions: { release: nothing } }),
      /never ends/,
    ],
    [
      'nobody waits for the fetch',
      pushMachine.provide({ guards: { isAwaited: never } }),
      /waits for nothing/,
    ],
    [
      'it ends before its wakes',
      pushMachine.provide({ guards: { isEmpty: always } }),
      /nobody knows|before an outcome/,
    ],
    [
      'a credential is renewed over and over',
      withWake(
        wakeMachine.provide({
          guards: {
            mayRenew: ({ event }) => event.type === 'send.answered' && event.outcome.kind === 'unauthorized',
          },
        }),
      ),
      /too often|without bound/,
    ],
    [
      'a busy provider is called over and over',
      withWake(
        wakeMachine.provide({
          guards: {
            mayRetry: ({ event }) => event.type === 'send.answered' && event.outcome.kind === 'busy',
          },
        }),
      ),
      /too often/,
    ],
    ['no wake is sent', withWake(wakeMachine.provide({ actions: { send: nothing } })), /is not sent/],
    [
      'a refused credential is kept to itself',
      withWake(wakeMachine.provide({ actions: { askForAnother: nothing } })),
      /nobody knows/,
    ],
    [
      'an outcome is kept to itself',
      withWake(wakeMachine.provide({ actions: { reportAnswer: nothing } })),
      /left behind|never ends/,
    ],
    [
      'a wake that is late is kept to itself',
      withWake(wakeMachine.provide({ actions: { reportLate: nothing } })),
      /never ends|left behind|is not sent/,
    ],
    [
      'a cancelled wake is kept to itself',
      withWake(wakeMachine.provide({ actions: { reportCancelled: nothing } })),
      /never ends|./,
    ],
    [
      'a wake is sent twice',
      withWake(wakeMachine.provide({ actions: { planRetry: emit({ type: 'send.due' }) } })),
      /./,
    ],
  ])('%s', (_, machine, how) => {
    expect(explorePush(machine).violation).toMatch(how);
  });
});
