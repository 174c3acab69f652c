/** The whole relay: serving, draining, stopped. The actor system runs without transport. */
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

const SHUTDOWN = { closeCode: 1001, reason: 'shutting down' };

/** s1 with its binary b1 and its phone p1. */
const servingOne = (): RelayRun => {
  const relay = new RelayRun();
  relay.dial('binary', 's1', 'b1');
  relay.dial('phone', 's1', 'p1');
  return relay;
};

describe('a relay', () => {
  test('serves until it is told to drain', () => {
    const relay = new RelayRun();
    relay.clock.increment(FAR_FUTURE_MS);
    expect(relay.root.getSnapshot().value).toBe('serving');
    relay.dial('binary', 's1', 'b1');
    expect(relay.connection('b1').getSnapshot().value).toStrictEqual({ open: 'fresh' });
  });

  test('keeps serving while the directory is empty', () => {
    const relay = servingOne();
    for (const connId of ['b1', 'p1']) relay.happen(connId, { type: 'socket.ended', closeCode: 1000 });
    expect(relay.connIds).toStrictEqual([]);
    relay.root.send({ type: 'directory.emptied' });
    expect(relay.root.getSnapshot().value).toBe('serving');
  });

  test('stops at once without connections', () => {
    const relay = new RelayRun();
    expect(relay.drain()).toStrictEqual([]);
    expect(relay.root.getSnapshot().value).toBe('stopped');
    expect(relay.root.getSnapshot().status).toBe('done');
    expect(relay.armed).toBe(0);
  });

  test('stops at once if only a server-id in grace is left, and cancels the grace period', () => {
    const relay = new RelayRun();
    relay.dial('binary', 's1', 'b1');
    relay.happen('b1', { type: 'socket.ended', closeCode: 1006 });
    expect(relay.serverIds).toStrictEqual(['s1']);
    relay.drain();
    expect(relay.root.getSnapshot().value).toBe('stopped');
    expect(relay.serverIds).toStrictEqual([]);
    expect(relay.armed).toBe(0);
  });

  test('drains until the last connection has ended', () => {
    const relay = servingOne();
    relay.drain();
    expect(relay.root.getSnapshot().value).toBe('draining');
    relay.clock.increment(DRAIN_DEADLINE_MS - 1);
    for (const connId of ['b1', 'p1']) {
      expect(relay.root.getSnapshot().value).toBe('draining');
      relay.happen(connId, { type: 'backlog.flushed' }, { type: 'close.written' }, { type: 'peer.closed' });
      relay.happen(connId, { type: 'socket.ended', closeCode: 1001 });
    }
    expect(relay.root.getSnapshot().value).toBe('stopped');
    expect(relay.armed).toBe(0);
  });

  test('also waits for connections that were closing or refused before', () => {
    const relay = servingOne();
    relay.dial('phone', 'unknown', 'p2');
    relay.happen('p1', { type: 'peer.closed' });
    relay.drain();
    relay.happen('b1', { type: 'socket.ended', closeCode: 1001 });
    relay.happen('p2', { type: 'socket.ended', closeCode: 4404 });
    expect(relay.root.getSnapshot().value).toBe('draining');
    relay.happen('p1', { type: 'socket.ended', closeCode: 1000 });
    expect(relay.root.getSnapshot().value).toBe('stopped');
  });

  test('sends a binary and its phone the backlog, then 1001', () => {
    const relay = servingOne();
    relay.drain();
    for (const connId of ['p1', 'b1']) {
      expect(relay.happen(connId, { type: 'backlog.flushed' })).toStrictEqual([
        [`connection ${connId}`, { type: 'close.due', close: SHUTDOWN }],
      ]);
    }
  });

  test('stops at the deadline, though connections have longer ones of their own', () => {
    expect(RELAY_INPUT.directory.connectionTiming.flushTimeoutMs).toBeGreaterThan(DRAIN_DEADLINE_MS);
    const relay = servingOne();
    const connection = relay.connection('b1');
    relay.drain();
    relay.clock.increment(DRAIN_DEADLINE_MS - 1);
    expect(connection.getSnapshot().status).toBe('active');
    expect(connection.getSnapshot().value).toStrictEqual({ closing: 'flushing' });
    relay.clock.increment(1);
    expect(relay.root.getSnapshot().value).toBe('stopped');
    expect(relay.root.getSnapshot().status).toBe('done');
    expect(connection.getSnapshot().status).toBe('stopped');
    expect(relay.connIds).toStrictEqual([]);
    expect(relay.armed).toBe(0);
  });

  test('has one deadline: a second drain neither extends it nor tells a connection again', () => {
    const relay = servingOne();
    relay.drain();
    relay.clock.increment(DRAIN_DEADLINE_MS - 1);
    expect(relay.drain()).toStrictEqual([]);
    relay.clock.increment(1);
    expect(relay.root.getSnapshot().value).toBe('stopped');
  });

  test('that has stopped stays stopped', () => {
    const relay = new RelayRun();
    relay.drain();
    const before = relay.root.getSnapshot();
    relay.root.send({ type: 'drain' });
    relay.root.send({ type: 'directory.emptied' });
    relay.clock.increment(FAR_FUTURE_MS);
    expect(relay.root.getSnapshot()).toBe(before);
  });

  test('accepts no connection once it has stopped', () => {
    const relay = new RelayRun();
    relay.drain();
    expect(relay.dial('binary', 's1', 'b1')).toStrictEqual([]);
    expect(relay.connIds).toStrictEqual([]);
  });
});
