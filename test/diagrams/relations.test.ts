/**
 * Compares the list behind the overview with a running relay: real sockets and XState's inspection. Parts that are not
 * actors have no name there, so the call stack of their messages shows whether the host or transport sent them.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AnyActorRef, InspectedEventEvent, InspectionEvent } from 'xstate';
import { PARTS, RELATIONS } from '../../scripts/diagrams/relations.js';
import {
  connectionMachine,
  pushMachine,
  relayMachine,
  serverMachine,
  wakeMachine,
} from '../../src/machines/index.ts';
import { DIRECTORY, PUSH } from '../../src/machines/relay-machine.ts';
import { MAX_CLOSING_REFUSED } from '../../src/protocol/limits.ts';
import { phoneHeaders } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';
import { ScriptedPush, wakeText } from '../support/scripted-push.ts';

const POISON = 4998;
const { systems } = vi.hoisted(() => ({ systems: [] as AnyActorRef['system'][] }));

// The relay does not expose its root. Its actor system is passed in here before it starts.
vi.mock(import('../../src/transport/chart-timers.ts'), async (importOriginal) => {
  const original = await importOriginal();
  class ChartTimers extends original.ChartTimers {
    override install(system: AnyActorRef['system']): void {
      systems.push(system);
      system.inspect({ next: note });
      super.install(system);
    }
  }
  return { ...original, ChartTimers };
});

// Only the server chart calls this, for a directive's close code.
vi.mock(import('../../src/protocol/close-codes.ts'), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    maySendCloseCode: (code) => {
      if (code === POISON) throw new Error('on purpose');
      return original.maySendCloseCode(code);
    },
  };
});

const seen = new Set<string>();
/** The sender, by the event that is passed on. */
const senders = new WeakMap<object, string>();

const kindOf = (ref: AnyActorRef): string => {
  if (ref._parent === undefined) return 'relay';
  return ref.id.split('/')[0] ?? '';
};

/** The innermost of our own files in the call stack identifies the sender. */
const speaker = (): string => {
  const [, file = ''] = /\/src\/([\w./-]+?)\.ts/.exec(new Error('where').stack ?? '') ?? [];
  if (file === 'run-relay') return 'host';
  return file.replace(/^machines\//, '').split('/')[0] ?? '';
};

/** Without the suffixes of XState's own event types. */
const nameOf = (type: string): string => /^xstate\.(done|error)\.actor\./.exec(type)?.[1] ?? type;

const noteEvent = ({ event, actorRef, sourceRef }: InspectedEventEvent): void => {
  // One of its own timers, or XState's start and stop.
  if (sourceRef === actorRef || /^xstate\.(init|stop)/.test(event.type)) return;
  const to = kindOf(actorRef as AnyActorRef);
  const from = senders.get(event) ?? (sourceRef === undefined ? speaker() : kindOf(sourceRef as AnyActorRef));
  seen.add(`${from} tells ${to} ${nameOf(event.type)}`);
  const passedOn: unknown = event['event'];
  if (event.type.startsWith('tell.') && typeof passedOn === 'object' && passedOn !== null) {
    senders.set(passedOn, from);
  }
};

const note = (inspected: InspectionEvent): void => {
  const ref = inspected.actorRef as AnyActorRef;
  if (inspected.type === '@xstate.actor') {
    seen.add(`${ref._parent === undefined ? 'host' : kindOf(ref._parent)} creates ${kindOf(ref)}`);
  }
  if (inspected.type === '@xstate.event') noteEvent(inspected);
  if (inspected.type === '@xstate.action' && inspected.action.type === 'xstate.emit') {
    const { params } = inspected.action as { params?: { event?: { type?: string } } };
    seen.add(`${kindOf(ref)} emits ${params?.event?.type ?? 'something'}`);
  }
};

const linesOf = ({ from, to, how, events }: (typeof RELATIONS)[number]): string[] => {
  if (how === 'wire') return [];
  if (how === 'creates') return [`${from} creates ${to}`];
  return events.map((event) => (how === 'tells' ? `${from} tells ${to} ${event}` : `${from} emits ${event}`));
};
const listed = RELATIONS.flatMap((relation) => linesOf(relation));

const untilSeen = async (line: string): Promise<void> => {
  while (!seen.has(line)) await new Promise(setImmediate);
};

const { stackTraceLimit } = Error;
let relay: TestRelay;
const push = new ScriptedPush();

beforeAll(async () => {
  Error.stackTraceLimit = 100;
  relay = await TestRelay.start({
    maxPhones: 3,
    graceMs: 600,
    heartbeatIntervalMs: 100,
    probeTimeoutMs: 2_000,
    pushProvider: push,
  });
  const { peers } = relay;
  const directory = systems[0]?.get(DIRECTORY) as AnyActorRef; // Invoked under this name as long as the relay runs.
  seen.add('relay creates push');
  const pushChart = systems[0]?.get(PUSH) as AnyActorRef; // As the directory.
  pushChart.on('*', ({ type }: { type: string }) => seen.add(`push emits ${type}`));
  // These two were created before inspection was attached.
  for (let ref: AnyActorRef | undefined = directory; ref !== undefined; ref = ref._parent) {
    seen.add(`${ref._parent === undefined ? 'host' : kindOf(ref._parent)} creates ${kindOf(ref)}`);
  }
  directory.on('*', ({ type }: { type: string }) => seen.add(`directory emits ${type}`));

  // A phone without a binary; a claim; phones up to the cap, and one more.
  const serverId = peers.serverId();
  await peers.dialPhone(serverId).closed;
  const binary = await peers.binary(serverId);
  const first = await peers.knownPhone(serverId, binary);
  const second = await peers.knownPhone(serverId, binary);
  const third = await peers.knownPhone(serverId, binary);
  await peers.dialPhone(serverId).closed;
  // A second binary while the first is alive; a heartbeat and its pong.
  await peers.dialBinary(serverId).closed;
  await untilSeen('transport tells connection peer.heard');
  // A phone is dismissed, another sends an invalid message; the binary leaves, and a frame finds no binary.
  binary.send(JSON.stringify({ conn_id: first.connId, close_code: 4401 }));
  await first.phone.closed;
  second.phone.send('not json');
  await second.phone.closed;
  await binary.close(1000);
  third.phone.send('"anyone?"');
  await third.phone.closed;
  await relay.logged('server_released', { server_id: serverId });

  // Refused phones that never answer their close: one too many, and the oldest is cut.
  const nobody = RawSocket.handshakeHeaders(phoneHeaders(peers.serverId()));
  const silent = Array.from({ length: MAX_CLOSING_REFUSED + 1 }, () => new RawSocket(relay.port));
  for (const each of silent)
    each.write(
      `GET /v1/client HTTP/1.1\r\nHost: relay\r\n${nobody.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`,
    );
  await untilSeen('directory tells connection cut');
  for (const each of silent) each.socket.destroy();

  // A server actor that throws.
  const sick = peers.serverId();
  const doomed = await peers.binary(sick);
  const { connId } = await peers.knownPhone(sick, doomed);
  doomed.send(JSON.stringify({ conn_id: connId, close_code: POISON }));
  await doomed.closed;

  // A wake that is not answered until the end; one whose credential is refused, and there is no other.
  const waker = await peers.binary(peers.serverId());
  push.answerTo = () => undefined;
  waker.send(wakeText('t1'));
  await untilSeen('wake emits send.due');
  push.answerTo = () => ({ kind: 'unauthorized', reason: 'status 401' });
  push.credential = { kind: 'failed', reason: 'status 400' };
  waker.send(wakeText('t2'));
  await untilSeen('push tells wake credential.failed');

  // A peer that does not read delays the end of the drain. One that is upgraded during the drain is refused.
  const holdsUp = await peers.binary(peers.serverId());
  holdsUp.ws.pause();
  const late = new RawSocket(relay.port);
  late.write('GET /v1/client HTTP/1.1\r\nHost: relay\r\n');
  await relay.health();
  const stopped = relay.stop();
  await untilSeen('relay tells directory drain');
  const headers = RawSocket.handshakeHeaders(phoneHeaders('too-late'));
  late.write(`${headers.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`);
  await untilSeen('directory tells connection refuse');
  holdsUp.ws.resume();
  await stopped;
});

afterAll(async () => {
  Error.stackTraceLimit = stackTraceLimit;
  await relay.dispose();
});

describe('the list behind the overview', () => {
  test('has everything that was seen in a running relay', () => {
    expect([...seen].filter((each) => !listed.includes(each)).toSorted()).toEqual([]);
  });

  test('has no line between two parts without any event seen', () => {
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

  test('numbers the steps of a life without a gap, and docs/charts.md describes each', () => {
    const steps = RELATIONS.flatMap(({ steps: of = {} }) => Object.entries(of));
    const last = Math.max(...steps.map(([, step]) => step));
    const life = readFileSync(new URL('../../docs/charts.md', import.meta.url), 'utf8')
      .split('## One phone')[1]
      ?.split(/^\d+\. /m)
      .slice(1);
    expect(life).toHaveLength(last);
    for (let step = 1; step <= last; step++) {
      const events = steps.filter(([, at]) => at === step).map(([event]) => event);
      expect(events.length, `step ${step}`).toBeGreaterThan(0);
      for (const event of events) expect(life?.[step - 1]).toContain(event);
    }
  });

  test.each([
    ['relay', relayMachine],
    ['server', serverMachine],
    ['connection', connectionMachine],
    ['push', pushMachine],
    ['wake', wakeMachine],
  ] as const)('sends the %s chart exactly the events it handles', (name, machine) => {
    const known = machine.events.filter((event) => !event.startsWith('xstate.'));
    const told = RELATIONS.filter(({ to, how }) => to === name && how === 'tells').flatMap(
      ({ events }) => events,
    );
    // XState's own, which these charts need not handle.
    const ours = told.filter((event) => event !== 'done' && event !== 'error');
    expect([...new Set(ours)].toSorted()).toEqual([...known].toSorted());
  });
});
