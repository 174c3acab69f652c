/** An actor that starts from a copy of an initial snapshot starts as its chart defines. */
import { expect, test } from 'vitest';
import { type AnyStateMachine, createActor } from 'xstate';
import { activeStates } from '../../src/machines/active-states.ts';
import { connectionContext, connectionMachine } from '../../src/machines/connection-machine.ts';
import { readyLogic } from '../../src/machines/ready-logic.ts';
import { serverContext, serverMachine } from '../../src/machines/server-machine.ts';

const connectionInput = (connId: string) => ({
  connId,
  role: 'phone' as const,
  serverId: 's',
  firstHeartbeatMs: 1_000,
  timing: {
    heartbeatIntervalMs: 1_000,
    heartbeatTimeoutMs: 1_000,
    flushTimeoutMs: 1_000,
    closeWriteTimeoutMs: 1_000,
    closeAnswerTimeoutMs: 1_000,
  },
});
const serverInput = (serverId: string) => ({
  serverId,
  maxPhones: 2,
  timing: { graceMs: 1_000, probeTimeoutMs: 1_000 },
});

test('each connection starts as its chart does, with its own context', () => {
  const ready = readyLogic(connectionMachine, connectionContext);
  for (const connId of ['c-1', 'c-2', 'c-3']) {
    const input = connectionInput(connId);
    const expected = createActor(connectionMachine, { input }).getSnapshot();
    const actual = createActor(ready, { input }).getSnapshot();
    expect(actual).toEqual(expected);
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
  }
});

test('actors do not share state', () => {
  const ready = readyLogic(connectionMachine, connectionContext);
  const [first, second] = ['c-1', 'c-2'].map((connId) =>
    createActor(ready, { input: connectionInput(connId) }).start(),
  );
  first?.send({ type: 'admit', binaryId: 'b', admission: 'registration' });
  expect(first?.getSnapshot().matches({ open: 'fresh' })).toBe(true);
  expect(second?.getSnapshot().matches('waiting')).toBe(true);
  expect(second?.getSnapshot().context.binaryId).toBeNull();
  expect(first?.getSnapshot().children).not.toBe(second?.getSnapshot().children);
  for (const actor of [first, second]) actor?.stop();
});

test('each server starts as its chart does', () => {
  const ready = readyLogic(serverMachine, serverContext);
  for (const serverId of ['a', 'b']) {
    const input = serverInput(serverId);
    const expected = createActor(serverMachine, { input }).getSnapshot();
    expect(createActor(ready, { input }).getSnapshot()).toEqual(expected);
  }
});

/** A copy would skip entry actions and timers of a start. */
const startsQuietly = (machine: AnyStateMachine): boolean =>
  activeStates(createActor(machine, { input: { timing: {} } }).getSnapshot()).every(
    ({ entry, after, always, invoke }) =>
      entry.length === 0 && after.length === 0 && (always ?? []).length === 0 && invoke.length === 0,
  );

test.each([
  ['connection', connectionMachine],
  ['server', serverMachine],
])('the %s chart starts with nothing to do', (_name, machine) => {
  expect(startsQuietly(machine)).toBe(true);
});
