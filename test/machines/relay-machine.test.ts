/** The whole relay: serving, draining, stopped. The actor system runs without transport. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DRAIN_WAVE_INTERVAL_MS } from '../../src/protocol/limits.ts';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import { admitted, DRAIN_DEADLINE_MS, RELAY_INPUT, RelayRun, refused } from '../support/relay-chart.ts';

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

  test('has push that is off, unless there is a provider', () => {
    expect(new RelayRun().push.getSnapshot().value).toBe('off');
    expect(new RelayRun({ isPushOn: true }).push.getSnapshot().value).toStrictEqual({ on: 'idle' });
  });

  test('cancels the wakes in flight when it stops, at the deadline too, and not before', () => {
    for (const ms of [DRAIN_DEADLINE_MS, 0]) {
      const relay = new RelayRun({ isPushOn: true });
      const said: unknown[] = [];
      relay.push.on('wake.ended', ({ end }) => said.push(end));
      relay.dial('binary', 's1', 'b1');
      relay.push.send({ type: 'wake.admitted', id: 1, serverId: 's1', fingerprint: 'ab' });
      relay.drain();
      expect(said).toStrictEqual([]);
      if (ms === 0) relay.happen('b1', { type: 'socket.ended', closeCode: 1001 });
      else relay.advance(ms);
      expect(relay.root.getSnapshot().value).toBe('stopped');
      // At the deadline it has been waited for long enough: the fetch has timed out.
      const outcome = ms === 0 ? 'send_failed' : 'token_fetch_failed';
      expect(said).toMatchObject([{ outcome }]);
      expect(relay.armed).toBe(0);
    }
  });

  test('serves on if the push chart throws', () => {
    const relay = new RelayRun({ isPushOn: true });
    const said: string[] = [];
    relay.root.on('push.failed', ({ type }) => said.push(type));
    relay.push.send({ type: 'wake.admitted', id: 1, serverId: 's1', fingerprint: 'ab' });
    const broken = { kind: 'ready', expiresInMs: 1 } as const;
    Object.defineProperty(broken, 'expiresInMs', {
      get: () => {
        throw new Error('broken');
      },
    });
    relay.push.send({ type: 'credential.answered', credential: 1, outcome: broken });
    expect(said).toStrictEqual(['push.failed']);
    expect(relay.root.getSnapshot().value).toBe('serving');
    expect(relay.push.getSnapshot().status).toBe('error');
    relay.drain();
    expect(relay.root.getSnapshot().value).toBe('stopped');
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
    expect(relay.root.getSnapshot().matches('draining')).toBe(true);
    relay.clock.increment(DRAIN_DEADLINE_MS - 1);
    for (const connId of ['b1', 'p1']) {
      expect(relay.root.getSnapshot().matches('draining')).toBe(true);
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
    expect(relay.root.getSnapshot().matches('draining')).toBe(true);
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

describe('a drain with a delay and a spread', () => {
  const draining = (serverIds: readonly string[]): RelayRun => {
    const relay = new RelayRun({ drain: { delayMs: 3_000, spreadMs: 3 * DRAIN_WAVE_INTERVAL_MS } });
    for (const serverId of serverIds) {
      relay.dial('binary', serverId, `b ${serverId}`);
      relay.dial('phone', serverId, `p ${serverId}`);
    }
    return relay;
  };
  /** Who is told to close, in order. */
  const told = (lines: ReturnType<RelayRun['drain']>): string[] =>
    lines
      .filter(([, emitted]) => emitted.type === 'connection.left')
      .map(([speaker]) => speaker.replace('connection ', ''));

  test('serves as before until the delay has passed', () => {
    const relay = draining(['s1']);
    expect(relay.drain()).toStrictEqual([]);
    expect(relay.root.getSnapshot().value).toStrictEqual({ draining: 'announcing' });
    expect(relay.advance(2_999)).toStrictEqual([]);
    expect(relay.dial('phone', 's1', 'p2')).toStrictEqual(admitted('p2', 'registration', 'b s1'));
    expect(told(relay.advance(1))).toStrictEqual(['p s1', 'p2', 'b s1']);
    expect(relay.dial('phone', 's1', 'p3')).toStrictEqual(refused('p3', SHUTDOWN));
  });

  test('closes server-ids in waves of equal size, the oldest first, phones before their binary', () => {
    const relay = draining(['s1', 's2', 's3', 's4']);
    relay.drain();
    expect(told(relay.advance(3_000))).toStrictEqual(['p s1', 'b s1', 'p s2', 'b s2']);
    expect(relay.advance(DRAIN_WAVE_INTERVAL_MS - 1)).toStrictEqual([]);
    expect(told(relay.advance(1))).toStrictEqual(['p s3', 'b s3']);
    expect(told(relay.advance(DRAIN_WAVE_INTERVAL_MS))).toStrictEqual(['p s4', 'b s4']);
    expect(relay.advance(DRAIN_WAVE_INTERVAL_MS)).toStrictEqual([]);
    expect(relay.root.getSnapshot().value).toStrictEqual({ draining: 'closing' });
    expect(relay.dial('phone', 's4', 'p5')).toStrictEqual(refused('p5', SHUTDOWN));
  });

  test('ends as soon as nobody is left, and accepts nobody then', () => {
    const relay = new RelayRun({ drain: { spreadMs: 10 * DRAIN_WAVE_INTERVAL_MS } });
    const said: string[] = [];
    relay.root.on('accepting.ended', ({ type }) => said.push(type));
    relay.dial('binary', 's1', 'b1');
    relay.drain();
    relay.happen('b1', { type: 'socket.ended', closeCode: 1001 });
    expect(relay.root.getSnapshot().value).toBe('stopped');
    expect(said).toStrictEqual(['accepting.ended']);
  });

  test.each([
    ['the delay', { delayMs: 20_000, spreadMs: 0 }],
    ['the spread', { delayMs: 0, spreadMs: 20_000 }],
  ])('at a deadline within %s, which a stalled relay can come to, accepts nobody either', (_, drain) => {
    const relay = new RelayRun({ drain });
    const said: string[] = [];
    relay.root.on('accepting.ended', ({ type }) => said.push(type));
    for (const serverId of ['s1', 's2', 's3']) relay.dial('binary', serverId, `b ${serverId}`);
    relay.drain();
    relay.advance(DRAIN_DEADLINE_MS);
    expect(relay.root.getSnapshot().value).toBe('stopped');
    expect(said).toStrictEqual(['accepting.ended']);
  });

  test('spreads few server-ids over all waves', () => {
    const relay = new RelayRun({ drain: { spreadMs: 10 * DRAIN_WAVE_INTERVAL_MS } });
    for (const serverId of ['s1', 's2']) relay.dial('binary', serverId, `b ${serverId}`);
    const waves = [
      told(relay.drain()),
      ...Array.from({ length: 9 }, () => told(relay.advance(DRAIN_WAVE_INTERVAL_MS))),
    ];
    expect(waves.map((each) => each.length)).toStrictEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  });

  test('closes all that is left in the last wave, however few there were before', () => {
    const relay = draining(['s1']);
    relay.drain();
    expect(told(relay.advance(3_000))).toStrictEqual(['p s1', 'b s1']);
    relay.happen('p s1', { type: 'socket.ended', closeCode: 1001 });
    relay.happen('b s1', { type: 'socket.ended', closeCode: 1001 });
    expect(relay.root.getSnapshot().value).toBe('stopped');
    expect(relay.armed).toBe(0);
  });

  test('keeps serving the server-ids whose wave has not come', () => {
    const relay = draining(['s1', 's2', 's3']);
    relay.drain();
    relay.advance(3_000);
    expect(relay.server('s3').getSnapshot().value).toStrictEqual({ claimed: { held: 'live' } });
    expect(relay.connection('p s3').getSnapshot().value).toStrictEqual({ open: 'fresh' });
    expect(relay.dial('phone', 's3', 'p4')).toStrictEqual(admitted('p4', 'registration', 'b s3'));
    expect(relay.dial('phone', 's1', 'p5')).toStrictEqual(refused('p5', SHUTDOWN));
    expect(relay.dial('binary', 'new', 'b4')).toStrictEqual(refused('b4', SHUTDOWN));
  });

  test('the deadline counts from the start, and is above all', () => {
    const relay = draining(['s1', 's2', 's3', 's4']);
    relay.drain();
    relay.advance(DRAIN_DEADLINE_MS - 1);
    expect(relay.root.getSnapshot().status).toBe('active');
    relay.advance(1);
    expect(relay.root.getSnapshot().value).toBe('stopped');
    expect(relay.armed).toBe(0);
  });

  test('says once that nobody is accepted any more, with the last wave', () => {
    const relay = draining(['s1', 's2', 's3']);
    const said: string[] = [];
    relay.root.on('accepting.ended', ({ type }) => said.push(type));
    relay.drain();
    relay.advance(3_000);
    relay.advance(DRAIN_WAVE_INTERVAL_MS);
    expect(said).toStrictEqual([]);
    relay.advance(DRAIN_WAVE_INTERVAL_MS);
    expect(said).toStrictEqual(['accepting.ended']);
  });

  test.each(['serving', 'announcing'])('is left out by drain.now, while %s', (state) => {
    const relay = draining([]);
    if (state === 'announcing') relay.drain();
    relay.root.send({ type: 'drain.now' });
    expect(relay.root.getSnapshot().value).toBe('stopped');
    expect(relay.armed).toBe(0);
  });
});
