/** Events between actors: inspection sees the sender, and delivery needs xstate's own method. */
import { expect, test } from 'vitest';
import { type AnyActorRef, createActor, createMachine, type InspectionEvent } from 'xstate';
import { deliver } from '../../src/machines/delivery.ts';
import { RelayRun } from '../support/relay-chart.ts';

type Delivery = readonly [from: string | undefined, to: string, type: string];

/** Records deliveries from now on. Events from outside the system have no source. */
const watch = (root: AnyActorRef): Delivery[] => {
  const seen: Delivery[] = [];
  root.system.inspect((event: InspectionEvent) => {
    if (event.type !== '@xstate.event') return;
    // Both are actors: an ActorRefLike is an actor with a narrower type.
    const [from, to] = [event.sourceRef as AnyActorRef | undefined, event.actorRef as AnyActorRef];
    seen.push([from?.id, to.id, event.event.type]);
  });
  return seen;
};

/** The chain of parents, as far as the system goes. */
const actorPair = () => {
  const machine = createMachine({ id: 'any' });
  const source = createActor(machine, { id: 'source' }).start();
  const target = createActor(machine, { id: 'target', parent: source }).start();
  return { source, target };
};

test('an event is delivered with its source, as inspection sees it', () => {
  const { source, target } = actorPair();
  const seen = watch(source);
  deliver(source, target, { type: 'hello' });
  target.send({ type: 'from outside' });
  expect(seen).toStrictEqual([
    ['source', 'target', 'hello'],
    [undefined, 'target', 'from outside'],
  ]);
});

test('an event reaches its target before the call returns', () => {
  const heard: string[] = [];
  const machine = createMachine({ on: { hello: { actions: ({ event }) => heard.push(event.type) } } });
  const target = createActor(machine).start();
  deliver(target, target, { type: 'hello' });
  expect(heard).toStrictEqual(['hello']);
});

test.each([undefined, 'not a function'])('an xstate without this method is a TypeError (%s)', (found) => {
  const { source, target } = actorPair();
  Object.assign(source.system, { _relay: found });
  expect(() => deliver(source, target, { type: 'hello' })).toThrow(
    new TypeError('this version of xstate delivers events in another way'),
  );
});

test('an inspector can follow a registration and a notice from actor to actor', () => {
  const relay = new RelayRun();
  relay.dial('binary', 's1', 'b1');
  const seen = watch(relay.root);
  relay.dial('phone', 's1', 'p1');
  expect(seen).toStrictEqual([
    [undefined, 'directory', 'connection.dialled'],
    ['directory', 'connection/p1', 'xstate.init'],
    ['directory', 'server/s1', 'phone.registered'],
    ['server/s1', 'directory', 'tell.connections'],
    ['directory', 'connection/p1', 'admit'],
  ]);
  seen.length = 0;
  relay.happen('p1', { type: 'write.stalled' });
  expect(seen).toStrictEqual([
    [undefined, 'connection/p1', 'write.stalled'],
    ['connection/p1', 'directory', 'tell.server'],
    ['directory', 'server/s1', 'phone.left'],
    ['connection/p1', 'directory', 'tell.server'],
    ['directory', 'server/s1', 'phone.ended'],
    ['server/s1', 'directory', 'tell.connections'],
    ['directory', 'connection/b1', 'notify'],
    ['connection/p1', 'directory', 'connection.closing'],
  ]);
});

test('an inspector sees that the directory ends a draining relay', () => {
  const relay = new RelayRun();
  relay.dial('binary', 's1', 'b1');
  relay.drain();
  const seen = watch(relay.root);
  relay.happen('b1', { type: 'socket.ended', closeCode: 1001 });
  expect(seen.slice(0, 3)).toStrictEqual([
    [undefined, 'connection/b1', 'socket.ended'],
    ['connection/b1', 'directory', 'xstate.done.actor.connection/b1'],
    ['directory', relay.root.id, 'directory.emptied'],
  ]);
});
