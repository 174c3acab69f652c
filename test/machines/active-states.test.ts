/** The active states of the relay's charts, and of a chart with parallel regions, which none of them has. */
import { describe, expect, test } from 'vitest';
import { type AnyMachineSnapshot, createActor, createMachine } from 'xstate';
import { activeStates } from '../../src/machines/active-states.ts';
import { openConnection, startConnection } from '../support/connection-chart.ts';
import { RelayRun } from '../support/relay-chart.ts';
import { claim, GRACE_MS, leave, startServer } from '../support/server-chart.ts';

const idsOf = (snapshot: AnyMachineSnapshot): string[] => activeStates(snapshot).map(({ id }) => id);

describe('active states', () => {
  test('of a server, from its first state to its last', () => {
    const server = startServer();
    expect(idsOf(server.snapshot)).toEqual(['server', 'server.unclaimed']);
    server.send(claim('b1'));
    const held = ['server', 'server.claimed', 'server.claimed.held'];
    expect(idsOf(server.snapshot)).toEqual([...held, 'server.claimed.held.live']);
    server.send(claim('b2'));
    expect(idsOf(server.snapshot)).toEqual([...held, 'server.claimed.held.probing']);
    server.send(leave('b2'), leave('b1'));
    expect(idsOf(server.snapshot)).toEqual(['server', 'server.claimed', 'server.claimed.grace']);
    server.advance(GRACE_MS);
    expect(idsOf(server.snapshot)).toEqual(['server', 'server.released']);
  });

  test('of a connection', () => {
    expect(idsOf(startConnection().snapshot)).toEqual(['connection', 'connection.waiting']);
    expect(idsOf(openConnection().snapshot)).toEqual([
      'connection',
      'connection.open',
      'connection.open.fresh',
    ]);
  });

  test('of the actors of a running relay, also during a drain', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    expect(idsOf(relay.root.getSnapshot())).toEqual(['relay', 'relay.serving']);
    expect(idsOf(relay.server('s1').getSnapshot()).at(-1)).toBe('server.claimed.held.live');
    expect(idsOf(relay.connection('b1').getSnapshot()).at(-1)).toBe('connection.open.fresh');
    relay.drain();
    expect(idsOf(relay.root.getSnapshot())).toEqual(['relay', 'relay.draining', 'relay.draining.closing']);
  });

  test('of regions that are active together, each with its children', () => {
    const machine = createMachine({
      id: 'm',
      type: 'parallel',
      states: { a: { initial: 'one', states: { one: {}, two: {} } }, b: {} },
    });
    expect(idsOf(createActor(machine).getSnapshot())).toEqual(['m', 'm.a', 'm.a.one', 'm.b']);
  });

  test('of a value that is not of this machine is a TypeError that names the state', () => {
    const { snapshot } = startServer();
    const strange = { ...snapshot, value: { claimed: 'lost' } } as unknown as AnyMachineSnapshot; // As a bug could produce it.
    expect(() => activeStates(strange)).toThrow(new TypeError('state server.claimed has no child lost'));
  });
});
