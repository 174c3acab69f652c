/** The relay as a whole: serving, draining, stopped. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import { DRAIN_DEADLINE_MS, RELAY_INPUT, RelayRun } from '../support/relay-chart.ts';

// Outside production, xstate warns about each event that is sent to an actor that has ended.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('a relay', () => {
  test('serves until it is told to drain', () => {
    const relay = new RelayRun();
    relay.clock.increment(FAR_FUTURE_MS);
    expect(relay.root.getSnapshot().value).toBe('serving');
    expect(relay.directory.getSnapshot().context.isDraining).toBe(false);
  });

  test('goes on serving when the directory happens to be empty', () => {
    const relay = new RelayRun();
    relay.root.send({ type: 'directory.emptied' });
    expect(relay.root.getSnapshot().value).toBe('serving');
  });

  test('stops at once when nobody is there', () => {
    const relay = new RelayRun();
    relay.root.send({ type: 'drain' });
    expect(relay.root.getSnapshot().value).toBe('stopped');
    expect(relay.root.getSnapshot().status).toBe('done');
  });

  test('drains until the last connection has ended', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.root.send({ type: 'drain' });
    expect(relay.root.getSnapshot().value).toBe('draining');
    expect(relay.directory.getSnapshot().context.isDraining).toBe(true);
    relay.clock.increment(DRAIN_DEADLINE_MS - 1);
    expect(relay.root.getSnapshot().value).toBe('draining');
    relay.connection('b1').send({ type: 'socket.closed', closeCode: 1001 });
    expect(relay.root.getSnapshot().value).toBe('stopped');
  });

  test('stops at the deadline, though connections have longer ones of their own', () => {
    expect(RELAY_INPUT.directory.connectionTiming.closeWriteTimeoutMs).toBeGreaterThan(DRAIN_DEADLINE_MS);
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.connection('b1').send({ type: 'admitted', binaryId: 'b1' });
    const connection = relay.connection('b1');
    relay.root.send({ type: 'drain' });
    connection.send({
      type: 'close',
      close: { closeCode: 1001, reason: 'shutting down' },
      cause: 'shutdown',
      flush: true,
      notice: 'none',
    });
    relay.clock.increment(DRAIN_DEADLINE_MS - 1);
    expect(connection.getSnapshot().status).toBe('active');
    relay.clock.increment(1);
    expect(relay.root.getSnapshot().value).toBe('stopped');
    expect(relay.root.getSnapshot().status).toBe('done');
    expect(connection.getSnapshot().status).toBe('stopped');
    expect(relay.connIds).toStrictEqual([]);
    expect(relay.timers.armed).toBe(0);
  });

  test('has one deadline: a second drain does not put it off, nor tell anyone again', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.root.send({ type: 'drain' });
    relay.said();
    relay.clock.increment(DRAIN_DEADLINE_MS - 1);
    relay.root.send({ type: 'drain' });
    expect(relay.said()).toStrictEqual([]);
    relay.clock.increment(1);
    expect(relay.root.getSnapshot().value).toBe('stopped');
  });

  test('that has stopped stays so', () => {
    const relay = new RelayRun();
    relay.root.send({ type: 'drain' });
    const before = relay.root.getSnapshot();
    relay.root.send({ type: 'drain' });
    relay.root.send({ type: 'directory.emptied' });
    relay.clock.increment(FAR_FUTURE_MS);
    expect(relay.root.getSnapshot()).toBe(before);
  });
});
