/** The relay's charts on the installed xstate: inspection shows the transitions that were taken. */
import { describe, expect, test } from 'vitest';
import type { InspectedMicrostepEvent } from 'xstate';
import { takenTransitions } from '../../src/inspect/taken-transitions.ts';
import { CONFIG, RecordedRelay } from './recorded-relay.ts';

/** "state on event [index]" of the transitions an actor takes from now on. Each call returns those since the last call. */
const listen = (relay: RecordedRelay, of: 'server' | 'connection'): (() => string[]) => {
  const taken: string[] = [];
  relay.root.system.inspect((inspected) => {
    if (inspected.type !== '@xstate.microstep') return;
    for (const { source, event, index } of takenTransitions(inspected)) {
      if (source.startsWith(of)) taken.push(`${source} on ${event} [${index}]`);
    }
  });
  return () => taken.splice(0);
};

describe('transitions taken', () => {
  test('on events: which of several guarded ones, and in which state', () => {
    const relay = new RecordedRelay(1);
    const taken = listen(relay, 'server');
    relay.dial('binary', 's', 'b1');
    expect(taken()).toEqual(['server.unclaimed on binary.claimed [0]']);
    relay.dial('phone', 's', 'p1');
    relay.dial('phone', 's', 'p2');
    expect(taken()).toEqual([
      'server.claimed on phone.registered [0]',
      'server.claimed on phone.registered [1]',
    ]);
    relay.dial('binary', 's', 'b2');
    relay.report('b2', { type: 'socket.ended', closeCode: 1006 });
    expect(taken()).toEqual([
      'server.claimed.held.live on binary.claimed [0]',
      'server.claimed.held.probing on binary.left [1]',
    ]);
  });

  test('on a timer, and none for an event that no state handles', () => {
    const relay = new RecordedRelay();
    relay.dial('binary', 's', 'b1');
    relay.report('b1', { type: 'socket.ended', closeCode: 1006 });
    const taken = listen(relay, 'server');
    relay.send('s', { type: 'binary.left', connId: 'b9' });
    expect(taken()).toEqual([]);
    relay.clock.increment(CONFIG.graceMs);
    expect(taken()).toEqual(['server.claimed.grace on xstate.after.gracePeriod.server.claimed.grace [0]']);
  });

  test('without an event: the guarded one, or the next', () => {
    for (const [flush, index] of [
      [true, 0],
      [false, 1],
    ] as const) {
      const relay = new RecordedRelay();
      relay.dial('binary', 's', 'b');
      const taken = listen(relay, 'connection');
      const close = { closeCode: 4429, reason: 'too many phones for server-id' };
      const event = { type: 'close', close, cause: 'directive', flush, isNoticeOwed: false } as const;
      relay.directory.send({ type: 'tell.connections', connIds: ['b'], event });
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
