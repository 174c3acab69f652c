/** The binary has left: its phones wait until it reclaims or the grace period expires. */
import { describe, expect, test } from 'vitest';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import {
  AT_CAP,
  admitted,
  answer,
  claim,
  closed,
  dismiss,
  GRACE_EXPIRED,
  GRACE_MS,
  GRACE_STARTED,
  ids,
  leave,
  NO_SERVER,
  phoneAdmitted,
  phoneLeaves,
  probed,
  RECLAIMED,
  refused,
  register,
  type ServerRun,
  startServer,
  unheard,
} from '../support/server-chart.ts';

const GRACE = { claimed: 'grace' };

/** Held by b1 until it left, with that many phones, named p1 and on. */
const inGrace = (phoneCount: number, maxPhones = 16): ServerRun => {
  const server = startServer(maxPhones);
  server.send(claim('b1'), ...ids('p', phoneCount).map(register));
  expect(server.send(leave('b1'))).toStrictEqual([GRACE_STARTED]);
  expect(server.snapshot.value).toStrictEqual(GRACE);
  return server;
};

describe('in grace', () => {
  test('quiet phones stay until its last moment', () => {
    const server = inGrace(2);
    expect(server.advance(GRACE_MS - 1)).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual(GRACE);
    expect(server.snapshot.context.phones).toStrictEqual(['p1', 'p2']);
  });

  test('a new phone registers under the binary that has left', () => {
    const server = inGrace(1);
    expect(server.send(register('p2'))).toStrictEqual([phoneAdmitted('p2', 'b1')]);
    expect(server.snapshot.context.phones).toStrictEqual(['p1', 'p2']);
  });

  test('the cap holds', () => {
    const server = inGrace(1, 2);
    expect(server.send(register('p2'))).toStrictEqual([phoneAdmitted('p2', 'b1')]);
    expect(server.send(register('p3'))).toStrictEqual([refused('p3', AT_CAP)]);
    server.send(phoneLeaves('p1'));
    expect(server.send(register('p4'))).toStrictEqual([phoneAdmitted('p4', 'b1')]);
  });

  test('a phone that sends is closed with 4404 at once, and no other is', () => {
    const server = inGrace(3);
    expect(server.send(unheard('p2'))).toStrictEqual([
      closed('p2', NO_SERVER, 'unheard', { isNoticeOwed: true }),
    ]);
    expect(server.snapshot.context.phones).toStrictEqual(['p1', 'p3']);
    expect(server.send(unheard('p2'), unheard('stranger'))).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual(GRACE);
  });

  test('an event of the binary that has left changes nothing', () => {
    const server = inGrace(1);
    expect(server.send(dismiss('p1', 1000), answer('b1'), leave('b1'))).toStrictEqual([]);
    expect(server.snapshot.context.phones).toStrictEqual(['p1']);
    expect(server.snapshot.value).toStrictEqual(GRACE);
  });

  test('no event of a phone extends it', () => {
    const server = inGrace(2);
    server.advance(GRACE_MS - 1);
    server.send(register('p3'), unheard('p1'), phoneLeaves('p2'), leave('b1'));
    expect(server.advance(1)).toContainEqual(GRACE_EXPIRED);
  });
});

describe('the end of grace', () => {
  test('evicts all phones with 4404 and ends the actor', () => {
    const server = inGrace(2);
    server.advance(GRACE_MS - 1);
    expect(server.advance(1)).toStrictEqual([
      closed('p1', NO_SERVER, 'expired'),
      closed('p2', NO_SERVER, 'expired'),
      GRACE_EXPIRED,
    ]);
    expect(server.snapshot.status).toBe('done');
    expect(server.snapshot.value).toBe('released');
    expect(server.snapshot.context.phones).toStrictEqual([]);
  });

  test('also happens without phones', () => {
    const server = inGrace(0);
    expect(server.advance(GRACE_MS)).toStrictEqual([GRACE_EXPIRED]);
    expect(server.snapshot.status).toBe('done');
  });
});

describe('a claim in grace', () => {
  test('is admitted without a probe, and the phones of the old binary are closed with 4404', () => {
    const server = inGrace(2);
    expect(server.send(claim('b2'))).toStrictEqual([
      closed('p1', RECLAIMED, 'reclaimed'),
      closed('p2', RECLAIMED, 'reclaimed'),
      admitted('b2', 'reclaim'),
    ]);
    expect(server.snapshot.value).toStrictEqual({ claimed: { held: 'live' } });
    expect(server.snapshot.context).toMatchObject({ binaryId: 'b2', phones: [] });
  });

  test('cancels the end of grace', () => {
    const server = inGrace(1);
    server.advance(GRACE_MS - 1);
    server.send(claim('b2'), register('p2'));
    expect(server.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual({ claimed: { held: 'live' } });
    expect(server.snapshot.context).toMatchObject({ binaryId: 'b2', phones: ['p2'] });
  });

  test('gives the next grace period its full time', () => {
    const server = inGrace(0);
    server.advance(GRACE_MS - 1);
    server.send(claim('b2'), register('p1'), leave('b2'));
    expect(server.advance(GRACE_MS - 1)).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual(GRACE);
    expect(server.advance(1)).toStrictEqual([closed('p1', NO_SERVER, 'expired'), GRACE_EXPIRED]);
  });

  test('makes the old binary an unknown one', () => {
    const server = inGrace(0);
    server.send(claim('b2'));
    expect(server.send(leave('b1'))).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual({ claimed: { held: 'live' } });
  });

  test('is followed by a probe for the next claim', () => {
    const server = inGrace(0);
    server.send(claim('b2'));
    expect(server.send(claim('b3'))).toStrictEqual([probed('b2')]);
  });
});
