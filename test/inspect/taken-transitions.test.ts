/** The charts of the relay on the xstate that is installed: what inspection shows is what was taken. */
import { describe, expect, test } from 'vitest';
import type { AnyActorRef, InspectedMicrostepEvent } from 'xstate';
import { takenTransitions } from '../../src/inspect/taken-transitions.ts';
import { openConnection } from '../support/connection-chart.ts';
import { AT_CAP, claim, DRAIN, GRACE_MS, leave, register, startServer } from '../support/server-chart.ts';

/** "state on event [index]" of what the actor takes from now on; each call answers with those since the last. */
const listen = (actor: AnyActorRef): (() => string[]) => {
  const taken: string[] = [];
  actor.system.inspect((inspected) => {
    if (inspected.type !== '@xstate.microstep') return;
    for (const { source, event, index } of takenTransitions(inspected))
      taken.push(`${source} on ${event} [${index}]`);
  });
  return () => taken.splice(0);
};

describe('transitions taken', () => {
  test('by events: which of several guarded ones, and in which state', () => {
    const server = startServer(1);
    const taken = listen(server.actor);
    server.send(claim('b1'));
    expect(taken()).toEqual(['server.unclaimed on binary.claimed [0]']);
    server.send(register('p1'), register('p2'));
    expect(taken()).toEqual([
      'server.claimed on phone.registered [0]',
      'server.claimed on phone.registered [1]',
    ]);
    server.send(claim('b2'), leave('b2'));
    expect(taken()).toEqual([
      'server.claimed.held.live on binary.claimed [0]',
      'server.claimed.held.probing on binary.left [1]',
    ]);
  });

  test('by a timer, by an event of the root, and by one that nothing takes', () => {
    const server = startServer();
    const taken = listen(server.actor);
    server.send(claim('b1'), leave('b1'));
    taken();
    server.send(leave('b9'));
    expect(taken()).toEqual([]);
    server.advance(GRACE_MS);
    expect(taken()).toEqual(['server.claimed.grace on xstate.after.gracePeriod.server.claimed.grace [0]']);

    const drained = startServer();
    const takenByDrained = listen(drained.actor);
    drained.send(DRAIN);
    expect(takenByDrained()).toEqual(['server on drain [0]']);
  });

  test('without an event: the guarded one, or the next', () => {
    for (const [flush, index] of [
      [true, 0],
      [false, 1],
    ] as const) {
      const connection = openConnection();
      const taken = listen(connection.actor);
      connection.send({ type: 'close', close: AT_CAP, cause: 'directive', flush, notice: 'none' });
      expect(taken()).toEqual([
        'connection.open on close [0]',
        expect.stringMatching(new RegExp(`^connection\\.closing\\S* on {2}\\[${index}\\]$`)),
      ]);
    }
  });
});

const source = { id: 's', transitions: new Map([['e', []]]) };

test.each([
  ['without transitions', {}, 'the transitions of a microstep'],
  ['whose transitions are no list', { _transitions: {} }, 'the transitions of a microstep'],
  ['with a transition that is null', { _transitions: [null] }, 'the source and event of a transition'],
  [
    'with one without a source',
    { _transitions: [{ eventType: 'e' }] },
    'the source and event of a transition',
  ],
  ['with one without its event', { _transitions: [{ source }] }, 'the source and event of a transition'],
  [
    'with a source that has no table',
    { _transitions: [{ source: { id: 's' }, eventType: 'e' }] },
    'the source and event of a transition',
  ],
  [
    'with one that its source does not list',
    { _transitions: [{ source, eventType: 'e' }] },
    'the transitions of a state',
  ],
])('a microstep %s is a TypeError that names the cause', (_, microstep, what) => {
  // As another version of xstate may send it.
  expect(() => takenTransitions(microstep as unknown as InspectedMicrostepEvent)).toThrow(
    new TypeError(`this version of xstate keeps ${what} elsewhere`),
  );
});
