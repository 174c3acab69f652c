/** The copy of a first snapshot must be what XState would have made of the chart itself. */
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, createActor } from 'xstate';
import { activeStates } from '../../src/machines/active-states.ts';
import { connectionContext, connectionMachine } from '../../src/machines/connection-machine.ts';
import { withReadyStart } from '../../src/machines/ready-start.ts';
import { serverContext, serverMachine } from '../../src/machines/server-machine.ts';

const connectionInput = (connId: string) => ({
  connId,
  role: 'phone' as const,
  serverId: 's',
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

/** The states in which the chart begins have nothing that would have to be done or armed. */
const beginsQuietly = (machine: AnyStateMachine): boolean =>
  activeStates(createActor(machine, { input: { timing: {} } }).getSnapshot()).every(
    ({ entry, after, always, invoke }) =>
      entry.length === 0 && after.length === 0 && (always ?? []).length === 0 && invoke.length === 0,
  );

describe('a connection that starts ready', () => {
  const ready = withReadyStart(connectionMachine, connectionContext);

  test('begins as the chart does, each actor with its own context', () => {
    for (const connId of ['c-1', 'c-2', 'c-3']) {
      const input = connectionInput(connId);
      const expected = createActor(connectionMachine, { input }).getSnapshot();
      const actual = createActor(ready, { input }).getSnapshot();
      expect(actual).toEqual(expected);
      expect(Object.keys(actual)).toEqual(Object.keys(expected));
    }
  });

  test('goes on as the chart does, and no actor shows in another', () => {
    const [first, second] = ['c-1', 'c-2'].map((connId) =>
      createActor(ready, { input: connectionInput(connId) }).start(),
    );
    first?.send({ type: 'admitted', binaryId: 'b' });
    expect(first?.getSnapshot().matches({ open: 'quiet' })).toBe(true);
    expect(second?.getSnapshot().matches('waiting')).toBe(true);
    expect(second?.getSnapshot().context.binaryId).toBeNull();
    expect(first?.getSnapshot().children).not.toBe(second?.getSnapshot().children);
    for (const actor of [first, second]) actor?.stop();
  });

  test('is a chart that begins with nothing to do', () => {
    expect(beginsQuietly(connectionMachine)).toBe(true);
  });
});

describe('a server that starts ready', () => {
  const ready = withReadyStart(serverMachine, serverContext);

  test('begins and goes on as the chart does', () => {
    for (const serverId of ['a', 'b']) {
      const input = serverInput(serverId);
      const [expected, actual] = [serverMachine, ready].map((machine) => createActor(machine, { input }));
      expect(actual?.getSnapshot()).toEqual(expected?.getSnapshot());
      for (const actor of [expected, actual]) {
        actor?.start();
        actor?.send({ type: 'binary.claimed', connId: `c-${serverId}` });
        actor?.send({ type: 'phone.registered', connId: 'c-phone' });
      }
      expect(actual?.getSnapshot()).toEqual(expected?.getSnapshot());
    }
  });

  test('is a chart that begins with nothing to do', () => {
    expect(beginsQuietly(serverMachine)).toBe(true);
  });
});
