/** Phones of one server-id: the cap, leaving, and dismissal by the binary. */
import { describe, expect, test } from 'vitest';
import {
  AT_CAP,
  BACKLOG_FULL,
  claim,
  closed,
  dismiss,
  dismissed,
  ILLEGAL,
  ids,
  NO_SERVER,
  phoneAdmitted,
  phoneLeaves,
  refused,
  register,
  type ServerRun,
  startServer,
} from '../support/server-chart.ts';

/** Held by b1, with that many phones, named p1 and on. */
const withPhones = (maxPhones: number, count: number, serverId?: string): ServerRun => {
  const server = startServer(maxPhones, serverId);
  server.send(claim('b1'), ...ids('p', count).map(register));
  expect(server.snapshot.context.phones).toStrictEqual(ids('p', count));
  return server;
};

describe('the cap on phones', () => {
  test.each([1, 2, 3, 16])('seed 1: with a cap of %i, that many register and the next is refused', (cap) => {
    const server = withPhones(cap, cap - 1);
    expect(server.send(register(`p${cap}`))).toStrictEqual([phoneAdmitted(`p${cap}`, 'b1')]);
    expect(server.send(register('late'))).toStrictEqual([refused('late', AT_CAP)]);
    expect(server.snapshot.context.phones).toStrictEqual(ids('p', cap));
  });

  test('seed 1: a refused phone changes nothing at all', () => {
    const server = withPhones(2, 2);
    const before = server.snapshot.context;
    server.send(register('late'));
    expect(server.snapshot.context).toStrictEqual(before);
    expect(server.snapshot.value).toStrictEqual({ claimed: { held: 'live' } });
  });

  test.each([1, 2, 3, 16])('seed 2: with a cap of %i there is room again once one has left', (cap) => {
    const server = withPhones(cap, cap);
    server.send(register('late'));
    expect(server.send(phoneLeaves('p1'))).toStrictEqual([]);
    expect(server.send(register('next'))).toStrictEqual([phoneAdmitted('next', 'b1')]);
    expect(server.send(register('later'))).toStrictEqual([refused('later', AT_CAP)]);
    expect(server.snapshot.context.phones).toStrictEqual([...ids('p', cap).slice(1), 'next']);
  });

  test('seed 2: a refused phone frees no place when it leaves', () => {
    const server = withPhones(2, 2);
    server.send(register('late'), phoneLeaves('late'));
    expect(server.send(register('later'))).toStrictEqual([refused('later', AT_CAP)]);
  });

  test('seed 3: each server-id fills up on its own', () => {
    const full = withPhones(2, 2, 's1');
    const other = withPhones(2, 0, 's2');
    expect(other.send(register('p1'))).toStrictEqual([phoneAdmitted('p1', 'b1')]);
    expect(full.send(register('p3'))).toStrictEqual([refused('p3', AT_CAP)]);
    expect(other.send(register('p2'))).toStrictEqual([phoneAdmitted('p2', 'b1')]);
    expect(other.send(register('p3'))).toStrictEqual([refused('p3', AT_CAP)]);
  });

  test.each([0, -1])('seed 4: a cap of %i is no cap', (cap) => {
    const server = withPhones(cap, 100);
    expect(server.send(register('p101'))).toStrictEqual([phoneAdmitted('p101', 'b1')]);
    expect(server.snapshot.context.phones).toHaveLength(101);
  });

  test.each([1, 16, 0, -1])('with a cap of %i a phone without a binary gets 4404, not 4429', (cap) => {
    for (const connId of ids('p', 17)) {
      expect(startServer(cap).send(register(connId))).toStrictEqual([refused(connId, NO_SERVER)]);
    }
  });

  test('the cap holds while the slot is disputed', () => {
    const server = withPhones(2, 1);
    server.send(claim('b2'));
    expect(server.send(register('p2'))).toStrictEqual([phoneAdmitted('p2', 'b1')]);
    expect(server.send(register('p3'))).toStrictEqual([refused('p3', AT_CAP)]);
  });
});

describe('a phone that leaves', () => {
  test('is removed once, however often it is reported', () => {
    const server = withPhones(3, 3);
    expect(server.send(phoneLeaves('p2'), phoneLeaves('p2'), phoneLeaves('p2'))).toStrictEqual([]);
    expect(server.snapshot.context.phones).toStrictEqual(['p1', 'p3']);
  });

  test('affects no other phone if it was never registered', () => {
    const server = withPhones(3, 3);
    expect(server.send(phoneLeaves('p'), phoneLeaves('p11'), phoneLeaves(''))).toStrictEqual([]);
    expect(server.snapshot.context.phones).toStrictEqual(ids('p', 3));
  });
});

describe('a phone that the binary dismisses', () => {
  const legal = [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4401, 4404, 4999];
  test.each(legal)('is closed with the code %i and no reason, after its backlog', (closeCode) => {
    const server = withPhones(3, 3);
    expect(server.send(dismiss('p2', closeCode))).toStrictEqual([
      dismissed('p2', closeCode, true),
      closed('p2', { closeCode, reason: '' }, 'directive', { flush: true }),
    ]);
    expect(server.snapshot.context.phones).toStrictEqual(['p1', 'p3']);
  });

  const illegal = [1, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535];
  test.each(illegal)('is closed with 1011 if the code is %i, which no close frame may carry', (closeCode) => {
    const server = withPhones(3, 3);
    expect(server.send(dismiss('p2', closeCode))).toStrictEqual([
      dismissed('p2', closeCode, false),
      closed('p2', ILLEGAL, 'directive', { flush: true }),
    ]);
    expect(server.snapshot.context.phones).toStrictEqual(['p1', 'p3']);
  });

  test('is also closed while the slot is disputed', () => {
    const server = withPhones(3, 1);
    server.send(claim('b2'));
    expect(server.send(dismiss('p1', 4401))).toStrictEqual([
      dismissed('p1', 4401, true),
      closed('p1', { closeCode: 4401, reason: '' }, 'directive', { flush: true }),
    ]);
    expect(server.snapshot.value).toStrictEqual({ claimed: { held: 'probing' } });
  });

  test.each([
    [4401, { closeCode: 4401, reason: 'phone backlog full' }, true],
    [999, BACKLOG_FULL, false],
  ])('is closed at once if its last frame did not fit (code %i)', (closeCode, close, isLegal) => {
    const server = withPhones(3, 3);
    expect(server.send(dismiss('p2', closeCode, true))).toStrictEqual([
      dismissed('p2', closeCode, isLegal),
      closed('p2', close, 'directive', { flush: false }),
    ]);
    expect(server.snapshot.context.phones).toStrictEqual(['p1', 'p3']);
  });

  test('frees a place for another', () => {
    const server = withPhones(1, 1);
    server.send(dismiss('p1', 1000));
    expect(server.send(register('p2'))).toStrictEqual([phoneAdmitted('p2', 'b1')]);
  });

  test('is dismissed only once', () => {
    const server = withPhones(3, 1);
    expect(server.send(dismiss('p1', 1000))).toContainEqual(dismissed('p1', 1000, true));
    expect(server.send(dismiss('p1', 4401))).toStrictEqual([]);
  });

  test('must be a phone of this server-id', () => {
    const server = withPhones(3, 1);
    const before = server.snapshot;
    expect(server.send(dismiss('p9', 1000), dismiss('b1', 1000))).toStrictEqual([]);
    expect(server.snapshot).toBe(before);
  });
});
