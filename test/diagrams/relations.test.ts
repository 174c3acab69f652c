/**
 * The list behind the overview, held against what a running relay does: real sockets, XState's inspection, and, since
 * that does not say who sent what from outside of an actor's own step, the call stack of each message.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { PARTS, RELATIONS } from '../../scripts/diagrams/relations.js';
import { connectionMachine, relayMachine, serverMachine } from '../../src/machines/index.ts';
import { DIRECTORY } from '../../src/machines/relay-machine.ts';
import type { keepTimers } from '../../src/machines/timer-table.ts';
import { TestRelay } from '../support/relay.ts';

type System = Parameters<typeof keepTimers>[0];

const POISON = 4998;
const { systems } = vi.hoisted(() => ({ systems: [] as unknown[] }));

// The relay keeps its root to itself; here is where its actor system passes by, before it starts.
vi.mock(import('../../src/machines/timer-table.ts'), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    keepTimers: (system) => {
      systems.push(system);
      watch(system);
      return original.keepTimers(system);
    },
  };
});

let asked = 0;

// As in test/integration/actor-failure.test.ts: the second to ask is the chart's own action.
vi.mock(import('../../src/protocol/close-codes.ts'), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    maySendCloseCode: (code) => {
      if (code === POISON && ++asked === 2) throw new Error('on purpose');
      return original.maySendCloseCode(code);
    },
  };
});

const seen = new Set<string>();

const kindOf = (ref: AnyActorRef): string => {
  if (ref._parent === undefined) return 'relay';
  return ref.id.split('/')[0] ?? '';
};

/** The innermost of our own files on the way here tells who speaks. */
const speaker = (): string => {
  const files = [...(new Error('where').stack ?? '').matchAll(/\/src\/([\w./-]+?)\.ts/g)].map(
    ([, file]) => file ?? '',
  );
  const file = files.find((name) => name !== 'machines/timer-table') ?? '';
  if (file === 'relay') return 'host';
  if (file.startsWith('machines/')) return file.slice('machines/'.length);
  return file.split('/')[0] ?? '';
};

/** Without what XState appends to the types of its own events. */
const nameOf = (type: string): string => /^xstate\.(done|error)\.actor\./.exec(type)?.[1] ?? type;

const note = (event: InspectionEvent): void => {
  const to = kindOf(event.actorRef as AnyActorRef);
  if (event.type === '@xstate.actor') {
    const parent = (event.actorRef as AnyActorRef)._parent;
    seen.add(`${parent === undefined ? 'host' : kindOf(parent)} creates ${to}`);
  }
  if (event.type === '@xstate.event') {
    const isOwn = event.sourceRef === event.actorRef || /^xstate\.(init|after|stop)/.test(event.event.type);
    const from = event.sourceRef === undefined ? speaker() : kindOf(event.sourceRef as AnyActorRef);
    if (!isOwn) seen.add(`${from} tells ${to} ${nameOf(event.event.type)}`);
  }
  if (event.type === '@xstate.action' && event.action.type === 'xstate.emit') {
    const { params } = event.action as { params?: { event?: { type?: string } } };
    seen.add(`${to} emits ${params?.event?.type ?? 'something'}`);
  }
};

const watch = (system: System): void => {
  system.inspect({ next: note });
};

const listed = RELATIONS.flatMap(({ from, to, how, events }) => {
  if (how === 'wire') return [];
  if (how === 'creates') return [`${from} creates ${to}`];
  return events.map((event) => (how === 'tells' ? `${from} tells ${to} ${event}` : `${from} emits ${event}`));
});

const { stackTraceLimit } = Error;
let relay: TestRelay;

beforeAll(async () => {
  Error.stackTraceLimit = 100;
  relay = await TestRelay.start({
    maxPhones: 3,
    graceMs: 150,
    heartbeatIntervalMs: 100,
    probeTimeoutMs: 2_000,
  });
  const { peers } = relay;
  const directory = (systems[0] as System & { get: (id: string) => AnyActorRef }).get(DIRECTORY);
  // These two were made before anyone could watch.
  for (let ref: AnyActorRef | undefined = directory; ref !== undefined; ref = ref._parent) {
    seen.add(`${ref._parent === undefined ? 'host' : kindOf(ref._parent)} creates ${kindOf(ref)}`);
  }
  directory.on('*', ({ type }: { type: string }) => seen.add(`directory emits ${type}`));

  // A phone too early; a claim; phones up to the cap, and one more.
  const serverId = peers.serverId();
  await peers.dialPhone(serverId).closed;
  const binary = await peers.binary(serverId);
  const first = await peers.knownPhone(serverId, binary);
  const second = await peers.knownPhone(serverId, binary);
  const third = await peers.knownPhone(serverId, binary);
  await peers.dialPhone(serverId).closed;
  // A second binary; a heartbeat and its pong meanwhile.
  await peers.dialBinary(serverId).closed;
  // A phone is dismissed, one breaks the rules of its leg, one closes; the binary goes, and a frame finds nobody.
  binary.send(JSON.stringify({ conn_id: first.connId, close_code: 4401 }));
  await first.phone.closed;
  second.phone.send('not json');
  await second.phone.closed;
  await new Promise((resolve) => setTimeout(resolve, 250));
  await binary.close(1000);
  third.phone.send('"anyone?"');
  await third.phone.closed;
  await relay.logged('server_released', { server_id: serverId });

  // A server actor that throws.
  const sick = peers.serverId();
  const doomed = await peers.binary(sick);
  const { connId } = await peers.knownPhone(sick, doomed);
  doomed.send(JSON.stringify({ conn_id: connId, close_code: POISON }));
  await doomed.closed;

  await peers.binary(peers.serverId());
  await relay.stop();
});

afterAll(async () => {
  Error.stackTraceLimit = stackTraceLimit;
  await relay.dispose();
});

describe('the list behind the overview', () => {
  test('has all that was seen in a running relay', () => {
    expect([...seen].filter((each) => !listed.includes(each)).toSorted()).toEqual([]);
  });

  test('has no line between two parts of which nothing was seen', () => {
    const lineOf = (each: string): string => /^\w+ (?:creates|tells) \w+|^\w+ emits/.exec(each)?.[0] ?? each;
    const lines = new Set([...seen].map((each) => lineOf(each)));
    expect(listed.filter((each) => !lines.has(lineOf(each)))).toEqual([]);
  });

  test('has each event between actors, seen one by one', () => {
    const actors = new Set(PARTS.filter(({ isActor }) => isActor).map(({ id }) => id));
    const between = RELATIONS.filter(({ from, to }) => actors.has(from) && actors.has(to)).flatMap(
      ({ from, to, how, events }) =>
        how === 'creates' ? [`${from} creates ${to}`] : events.map((event) => `${from} tells ${to} ${event}`),
    );
    expect(between.length).toBeGreaterThan(8);
    expect(between.filter((each) => !seen.has(each))).toEqual([]);
  });

  test.each([
    ['relay', relayMachine],
    ['server', serverMachine],
    ['connection', connectionMachine],
  ] as const)('sends the %s chart the events it knows, and no others', (name, machine) => {
    const known = machine.events.filter((event) => !event.startsWith('xstate.'));
    const told = RELATIONS.filter(({ to, how }) => to === name && how === 'tells').flatMap(
      ({ events }) => events,
    );
    expect([...new Set(told)].toSorted()).toEqual([...known].toSorted());
  });
});
