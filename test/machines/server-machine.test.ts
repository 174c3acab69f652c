/** The server chart: an unclaimed slot, a held slot, and what the data plane reads from it. */
import { describe, expect, test } from 'vitest';
import { isRegistered, isWaiting, liveBinary } from '../../src/machines/server-view.ts';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import {
  admitted,
  answer,
  claim,
  closed,
  dismiss,
  end,
  GRACE_STARTED,
  leave,
  NO_SERVER,
  noticeLost,
  notified,
  phoneLeaves,
  refused,
  register,
  startServer,
  unheard,
} from '../support/server-chart.ts';

describe('an unclaimed server-id', () => {
  test('goes to the first binary that claims it', () => {
    const server = startServer();
    expect(server.snapshot.value).toBe('unclaimed');
    expect(server.send(claim('b1'))).toStrictEqual([admitted('b1', 'claim')]);
    expect(server.snapshot.value).toStrictEqual({ claimed: { held: 'live' } });
    expect(server.snapshot.context.binaryId).toBe('b1');
  });

  test('refuses a phone with 4404, and ends', () => {
    const server = startServer();
    expect(server.send(register('p1'))).toStrictEqual([refused('p1', NO_SERVER)]);
    expect(server.snapshot.value).toBe('released');
    expect(server.snapshot.status).toBe('done');
    expect(server.snapshot.context.phones).toStrictEqual([]);
  });

  test('ignores all other events', () => {
    const server = startServer();
    const before = server.snapshot;
    expect(
      server.send(answer('b1'), leave('b1'), unheard('p1'), dismiss('p1', 1000), end('p1', 'b1', 1000)),
    ).toStrictEqual([]);
    expect(server.snapshot).toBe(before);
  });
});

describe('a held server-id', () => {
  test('stays held while nothing happens', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'));
    expect(server.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual({ claimed: { held: 'live' } });
  });

  test('ignores an unknown binary', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'));
    expect(server.send(leave('stranger'), answer('stranger'), answer('b1'))).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual({ claimed: { held: 'live' } });
    expect(server.snapshot.context.binaryId).toBe('b1');
  });

  test.each([
    ['', []],
    [', while the slot is disputed too', ['b2']],
  ])('evicts a phone whose frame was not delivered%s', (_while, claimants) => {
    const server = startServer();
    server.send(claim('b1'), register('p1'), register('p2'), ...claimants.map(claim));
    const { value } = server.snapshot;
    expect(server.send(unheard('p1'))).toStrictEqual([
      closed('p1', NO_SERVER, 'unheard', { isNoticeOwed: true }),
    ]);
    expect(server.snapshot.context.phones).toStrictEqual(['p2']);
    expect(server.snapshot.value).toStrictEqual(value);
    expect(server.send(unheard('p1'), unheard('stranger'))).toStrictEqual([]);
  });
});

describe('the end of a phone', () => {
  test('is notified to the binary it registered under', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'), phoneLeaves('p1'));
    expect(server.send(end('p1', 'b1', 1005))).toStrictEqual([notified('b1', 'p1', 1005)]);
  });

  test('is notified in the order in which phones end', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'), register('p2'));
    expect(server.send(end('p2', 'b1', 1001), end('p1', 'b1', 4000))).toStrictEqual([
      notified('b1', 'p2', 1001),
      notified('b1', 'p1', 4000),
    ]);
  });

  test('is also notified while the slot is disputed', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'), claim('b2'));
    expect(server.send(end('p1', 'b1', 1001))).toStrictEqual([notified('b1', 'p1', 1001)]);
  });

  test('is notified to no other binary', () => {
    const server = startServer();
    server.send(claim('b1'));
    expect(server.send(end('p1', 'b0', 1000))).toStrictEqual([]);
  });

  test('is lost in grace', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'), leave('b1'));
    expect(server.send(end('p1', 'b1', 1000))).toStrictEqual([noticeLost('p1', 1000)]);
    expect(server.send(end('p1', 'b0', 1000))).toStrictEqual([]);
  });

  test('is not notified after a reclaim', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'), leave('b1'), claim('b2'));
    expect(server.send(end('p1', 'b1', 1000))).toStrictEqual([]);
  });

  test('is not notified after a takeover', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'), claim('b2'));
    server.advance(FAR_FUTURE_MS);
    expect(server.snapshot.context.binaryId).toBe('b2');
    expect(server.send(end('p1', 'b1', 1000))).toStrictEqual([]);
  });
});

describe('what the data plane reads', () => {
  test('a claimed server-id has a live binary, also while it is disputed', () => {
    const server = startServer();
    expect(liveBinary(server.snapshot)).toBeNull();
    server.send(claim('b1'));
    expect(liveBinary(server.snapshot)).toBe('b1');
    server.send(claim('b2'));
    expect(liveBinary(server.snapshot)).toBe('b1');
    expect(isWaiting(server.snapshot, 'b2')).toBe(true);
    expect(isWaiting(server.snapshot, 'b1')).toBe(false);
  });

  test('there is no live binary in grace, while its phones stay registered', () => {
    const server = startServer();
    expect(server.send(claim('b1'), register('p1'), leave('b1')).at(-1)).toStrictEqual(GRACE_STARTED);
    expect(liveBinary(server.snapshot)).toBeNull();
    expect(isRegistered(server.snapshot, 'p1')).toBe(true);
    expect(isRegistered(server.snapshot, 'p2')).toBe(false);
  });

  test('a released server-id has no binary and no phones', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'), leave('b1'));
    server.advance(FAR_FUTURE_MS);
    expect(server.snapshot.status).toBe('done');
    expect(liveBinary(server.snapshot)).toBeNull();
    expect(isRegistered(server.snapshot, 'p1')).toBe(false);
    expect(isWaiting(server.snapshot, 'b1')).toBe(false);
  });
});
