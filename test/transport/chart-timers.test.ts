/** Every delayed event of the charts goes through their scheduler. An xstate upgrade that bypasses it fails here. */
import { describe, expect, test, vi } from 'vitest';
import type { AnyActorRef, AnyStateNode, InspectionEvent } from 'xstate';
import { connectionMachine } from '../../src/machines/connection-machine.ts';
import { relayMachine } from '../../src/machines/relay-machine.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';
import { DRAIN_WAVE_INTERVAL_MS } from '../../src/protocol/limits.ts';
import { ChartTimers } from '../../src/transport/chart-timers.ts';
import { neverFails, useFakeLoop } from '../support/noting-actors.ts';
import { DRAIN_DEADLINE_MS, RELAY_INPUT, RelayRun } from '../support/relay-chart.ts';

const advance = useFakeLoop();

describe('the actor system of the relay', () => {
  const { heartbeatIntervalMs } = RELAY_INPUT.directory.connectionTiming;

  const OPTIONS = {
    settings: { maxPhones: 16 },
    drain: { delayMs: 1_000, spreadMs: 2 * DRAIN_WAVE_INTERVAL_MS },
  };
  const startRelay = (timers: ChartTimers): RelayRun =>
    new RelayRun({ ...OPTIONS, prepare: (root) => timers.install(root.system) });

  const statesOf = (node: AnyStateNode): AnyStateNode[] => [
    node,
    ...Object.values(node.states).flatMap((child) => statesOf(child)),
  ];
  /** The delayed events of all charts, by the names that xstate gives them. */
  const delayedEvents = [relayMachine, serverMachine, connectionMachine]
    .flatMap((machine) => statesOf(machine.root))
    .flatMap(({ id: state, config }) =>
      Object.keys(config.after ?? {}).map((delay) => `xstate.after.${delay}.${state}`),
    );

  /** Takes the charts through every state that has a deadline. */
  const walk = (relay: RelayRun, wait: (ms: number) => void, check: () => void): void => {
    const steps: (() => void)[] = [
      () => relay.dial('binary', 's1', 'b1'),
      () => wait(heartbeatIntervalMs),
      () => relay.happen('b1', { type: 'peer.heard' }),
      () => relay.dial('binary', 's1', 'b2'),
      () => relay.happen('b1', { type: 'probe.answered' }),
      () => relay.happen('b2', { type: 'close.written' }),
      () => relay.happen('b2', { type: 'peer.closed' }),
      ...['p1', 'p2', 'p3', 'p4'].map((connId) => () => relay.dial('phone', 's1', connId)),
      () => relay.happen('p1', { type: 'message.rejected', cause: 'not_json' }),
      () => relay.happen('p1', { type: 'close.written' }),
      () => relay.happen('p2', { type: 'protocol.violated' }),
      () => relay.happen('p3', { type: 'peer.closed' }),
      () => relay.happen('b1', { type: 'socket.ended', closeCode: 1006 }),
      () => relay.drain(),
      () => wait(1_000),
      () => wait(DRAIN_WAVE_INTERVAL_MS),
      () => wait(DRAIN_DEADLINE_MS - 1_000),
    ];
    for (const take of steps) {
      take();
      check();
    }
  };

  test('keeps every delayed event of every chart in this scheduler, and none in xstate’s own', () => {
    const timers = new ChartTimers(neverFails, () => 0);
    const schedule = vi.spyOn(timers, 'schedule');
    const relay = startRelay(timers);
    walk(relay, advance, () => {
      expect(relay.armed).toBe(0);
      expect(timers.armed).toBe(vi.getTimerCount());
    });
    const seen = new Set(schedule.mock.calls.map(([, , { type }]) => type));
    expect([...seen].sort()).toStrictEqual(delayedEvents.sort());
    expect(relay.root.getSnapshot().value).toBe('stopped');
    expect(timers.armed).toBe(0);
  });

  test('keeps none once all actors have stopped', () => {
    const timers = new ChartTimers(neverFails, () => 0);
    const relay = startRelay(timers);
    for (let n = 0; n < 100; n++) relay.dial('binary', `s${n}`, `b${n}`);
    relay.happen('b0', { type: 'socket.ended', closeCode: 1006 });
    expect(timers.armed).toBe(100);
    relay.root.stop();
    expect([timers.armed, vi.getTimerCount()]).toStrictEqual([0, 0]);
  });

  test('shows inspection the same deliveries as xstate’s scheduler', () => {
    const deliveries = [true, false].map((hasTimers) => {
      const timers = new ChartTimers(neverFails, () => 0);
      const relay = hasTimers ? startRelay(timers) : new RelayRun(OPTIONS);
      const seen: unknown[] = [];
      relay.root.system.inspect((event: InspectionEvent) => {
        if (event.type !== '@xstate.event') return;
        // An ActorRefLike is an actor with a narrower type. The root's id differs between systems.
        const [from, to] = [event.sourceRef, event.actorRef].map((ref) =>
          ref === relay.root ? 'root' : (ref as AnyActorRef | undefined)?.id,
        );
        seen.push([from, to, event.event.type]);
      });
      walk(
        relay,
        (ms) => (hasTimers ? advance(ms) : relay.advance(ms)),
        () => {},
      );
      return seen;
    });
    expect(deliveries[0]).toStrictEqual(deliveries[1]);
    expect(deliveries[0]).toContainEqual(['root', 'root', 'xstate.after.drainDeadline.relay.draining']);
  });
});
