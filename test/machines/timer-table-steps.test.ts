/** The table of timers against the plainest model of one. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AnyActorRef, createActor, SimulatedClock, setup } from 'xstate';
import { keepTimers } from '../../src/machines/timer-table.ts';

/** Two actors that only take note of what arrives, on a clock that only the test moves. */
const notingActors = () => {
  const clock = new SimulatedClock();
  const noted: string[] = [];
  const sink = setup({}).createMachine({
    id: 'sink',
    on: { '*': { actions: ({ event }) => noted.push(event.type) } },
  });
  const root = createActor(setup({}).createMachine({ id: 'root' }), { clock });
  const table = keepTimers(root.system);
  root.start();
  const actors = ['a', 'b'].map((id) => createActor(sink, { id, parent: root }));
  for (const actor of actors) actor.start();
  return { clock, noted, table, actors, scheduler: root.system.scheduler };
};

type Step =
  | {
      readonly do: 'schedule';
      readonly actor: number;
      readonly id: string | undefined;
      readonly delayMs: number;
    }
  | { readonly do: 'cancel'; readonly actor: number; readonly id: string }
  | { readonly do: 'cancelAll'; readonly actor: number }
  | { readonly do: 'wait'; readonly ms: number };

const [actor, id] = [fc.nat(1), fc.constantFrom('x', 'y', 'z')];
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('schedule'),
    actor,
    id: fc.option(id, { nil: undefined }),
    delayMs: fc.nat(20),
  }),
  fc.record({ do: fc.constant('cancel'), actor, id }),
  fc.record({ do: fc.constant('cancelAll'), actor }),
  fc.record({ do: fc.constant('wait'), ms: fc.nat(20) }),
);

test('is a list of who waits for what: whatever is set, set again, called off and waited for', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { clock, noted, table, actors, scheduler } = notingActors();
      let waiting: { actor: number; id: string | undefined; type: string; dueMs: number }[] = [];
      const expected: string[] = [];
      for (const [n, next] of steps.entries()) {
        if (next.do === 'wait') {
          clock.increment(next.ms);
          const due = waiting.filter(({ dueMs }) => dueMs <= clock.now());
          waiting = waiting.filter((timer) => !due.includes(timer));
          expected.push(...due.sort((a, b) => a.dueMs - b.dueMs).map(({ type }) => type));
        } else {
          const ref = actors[next.actor] as AnyActorRef;
          if (next.do === 'schedule') {
            const type = `event ${n}`;
            if (next.id !== undefined)
              waiting = waiting.filter((timer) => timer.actor !== next.actor || timer.id !== next.id);
            waiting.push({ actor: next.actor, id: next.id, type, dueMs: clock.now() + next.delayMs });
            scheduler.schedule(ref, ref, { type }, next.delayMs, next.id);
          } else if (next.do === 'cancel') {
            waiting = waiting.filter((timer) => timer.actor !== next.actor || timer.id !== next.id);
            scheduler.cancel(ref, next.id);
          } else {
            waiting = waiting.filter((timer) => timer.actor !== next.actor);
            scheduler.cancelAll(ref);
          }
        }
        expect(table.armed).toBe(waiting.length);
        expect(noted).toStrictEqual(expected);
      }
    }),
  );
});
