/** A claim on a held slot: the probe, the line of claimants, and the takeover. */
import { describe, expect, test } from 'vitest';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import {
  admitted,
  answer,
  CLAIMED,
  claim,
  closed,
  GRACE_STARTED,
  ids,
  leave,
  PROBE_TIMEOUT_MS,
  phoneAdmitted,
  probed,
  RECLAIMED,
  refused,
  register,
  type ServerRun,
  SILENT,
  startServer,
} from '../support/server-chart.ts';

const LIVE = { claimed: { held: 'live' } };
const PROBING = { claimed: { held: 'probing' } };

/** Held by b1, with these phones, and disputed by these claimants. */
const disputed = (phones: readonly string[], claimants: readonly string[]): ServerRun => {
  const server = startServer();
  server.send(claim('b1'), ...phones.map(register), ...claimants.map(claim));
  expect(server.snapshot.value).toStrictEqual(PROBING);
  return server;
};

describe('a claim on a held slot', () => {
  test('probes the holder once, however many binaries claim', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'));
    expect(server.send(claim('b2'))).toStrictEqual([probed('b1')]);
    expect(server.snapshot.value).toStrictEqual(PROBING);
    expect(server.send(claim('b3'), claim('b4'))).toStrictEqual([]);
    expect(server.snapshot.context).toMatchObject({ binaryId: 'b1', claimants: ['b2', 'b3', 'b4'] });
  });

  test('does not affect phones, and new ones may register', () => {
    const server = disputed(['p1'], ['b2']);
    expect(server.send(register('p2'))).toStrictEqual([phoneAdmitted('p2', 'b1')]);
    expect(server.snapshot.context.phones).toStrictEqual(['p1', 'p2']);
  });

  test('sixteen may wait in line, and the seventeenth is refused at once', () => {
    const server = disputed(['p1'], ids('c', 15));
    expect(server.send(claim('c16'))).toStrictEqual([]);
    expect(server.send(claim('c17'))).toStrictEqual([refused('c17', CLAIMED)]);
    expect(server.snapshot.context.claimants).toStrictEqual(ids('c', 16));
    server.send(leave('c3'));
    expect(server.send(claim('c18'))).toStrictEqual([]);
    expect(server.send(claim('c19'))).toStrictEqual([refused('c19', CLAIMED)]);
  });
});

describe('a holder that answers the probe', () => {
  test('keeps the slot and its phones, and the whole line is refused', () => {
    const server = disputed(['p1'], ['b2', 'b3', 'b4']);
    expect(server.send(answer('b1'))).toStrictEqual([
      refused('b2', CLAIMED),
      refused('b3', CLAIMED),
      refused('b4', CLAIMED),
    ]);
    expect(server.snapshot.value).toStrictEqual(LIVE);
    expect(server.snapshot.context).toMatchObject({ binaryId: 'b1', phones: ['p1'], claimants: [] });
  });

  test('is not displaced by the timer of that probe', () => {
    const server = disputed(['p1'], ['b2']);
    server.send(answer('b1'));
    expect(server.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual(LIVE);
    expect(server.snapshot.context.binaryId).toBe('b1');
  });

  test('is probed again for the next claim, with the full time to answer', () => {
    const server = disputed([], ['b2']);
    server.advance(PROBE_TIMEOUT_MS - 1);
    server.send(answer('b1'));
    expect(server.send(claim('b3'))).toStrictEqual([probed('b1')]);
    expect(server.advance(PROBE_TIMEOUT_MS - 1)).toStrictEqual([]);
    expect(server.advance(1)).toStrictEqual([closed('b1', SILENT, 'displaced'), admitted('b3', 'takeover')]);
  });

  test('cannot be answered for by another binary', () => {
    const server = disputed([], ['b2']);
    expect(server.send(answer('b2'), answer('stranger'))).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual(PROBING);
  });
});

describe('a holder that stays silent', () => {
  test('loses its phones, and the slot to the first in line, and the others are refused', () => {
    const server = disputed(['p1', 'p2'], ['b2', 'b3', 'b4']);
    expect(server.advance(PROBE_TIMEOUT_MS - 1)).toStrictEqual([]);
    expect(server.advance(1)).toStrictEqual([
      closed('p1', RECLAIMED, 'reclaimed'),
      closed('p2', RECLAIMED, 'reclaimed'),
      closed('b1', SILENT, 'displaced'),
      admitted('b2', 'takeover'),
      refused('b3', CLAIMED),
      refused('b4', CLAIMED),
    ]);
    expect(server.snapshot.value).toStrictEqual(LIVE);
    expect(server.snapshot.context).toMatchObject({ binaryId: 'b2', phones: [], claimants: [] });
  });

  test('has its deadline counted from the first claim, not from the last', () => {
    const server = disputed([], ['b2']);
    server.advance(PROBE_TIMEOUT_MS - 1);
    server.send(claim('b3'));
    expect(server.advance(1)).toContainEqual(admitted('b2', 'takeover'));
  });

  test('changes nothing if it leaves after the takeover', () => {
    const server = disputed(['p1'], ['b2']);
    server.advance(PROBE_TIMEOUT_MS);
    server.send(register('p2'));
    expect(server.send(leave('b1'), answer('b1'))).toStrictEqual([]);
    expect(server.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual(LIVE);
    expect(server.snapshot.context).toMatchObject({ binaryId: 'b2', phones: ['p2'] });
  });

  test('does not end a later probe if it leaves during it', () => {
    const server = disputed([], ['b2']);
    server.advance(PROBE_TIMEOUT_MS);
    server.send(claim('b3'));
    expect(server.send(leave('b1'))).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual(PROBING);
    expect(server.snapshot.context).toMatchObject({ binaryId: 'b2', claimants: ['b3'] });
  });
});

describe('a holder that leaves during the probe', () => {
  test('is replaced at once by the first in line, without a grace period', () => {
    const server = disputed(['p1', 'p2'], ['b2', 'b3']);
    expect(server.send(leave('b1'))).toStrictEqual([
      closed('p1', RECLAIMED, 'reclaimed'),
      closed('p2', RECLAIMED, 'reclaimed'),
      admitted('b2', 'reclaim'),
      refused('b3', CLAIMED),
    ]);
    expect(server.snapshot.value).toStrictEqual(LIVE);
    expect(server.snapshot.context).toMatchObject({ binaryId: 'b2', phones: [], claimants: [] });
    expect(server.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(server.snapshot.context.binaryId).toBe('b2');
  });
});

describe('a claimant that leaves', () => {
  test('abandons the probe if it was the only one, and its timer never fires', () => {
    const server = disputed(['p1'], ['b2']);
    expect(server.send(leave('b2'))).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual(LIVE);
    expect(server.snapshot.context).toMatchObject({ binaryId: 'b1', claimants: [], phones: ['p1'] });
    expect(server.advance(FAR_FUTURE_MS)).toStrictEqual([]);
    expect(server.snapshot.context.binaryId).toBe('b1');
  });

  test('does not shorten the next probe with the timer of the abandoned one', () => {
    const server = disputed([], ['b2']);
    server.advance(PROBE_TIMEOUT_MS - 1);
    server.send(leave('b2'));
    expect(server.send(claim('b3'))).toStrictEqual([probed('b1')]);
    expect(server.advance(PROBE_TIMEOUT_MS - 1)).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual(PROBING);
    expect(server.advance(1)).toContainEqual(admitted('b3', 'takeover'));
  });

  test('passes its place to the second if it was the first', () => {
    const server = disputed([], ['b2', 'b3', 'b4']);
    expect(server.send(leave('b2'))).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual(PROBING);
    expect(server.advance(PROBE_TIMEOUT_MS)).toStrictEqual([
      closed('b1', SILENT, 'displaced'),
      admitted('b3', 'takeover'),
      refused('b4', CLAIMED),
    ]);
  });

  test('is forgotten if it was the last of several, and is told nothing', () => {
    const server = disputed([], ['b2', 'b3']);
    expect(server.send(leave('b3'))).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual(PROBING);
    expect(server.send(answer('b1'))).toStrictEqual([refused('b2', CLAIMED)]);
  });

  test('is not confused with an unknown binary that leaves', () => {
    const server = disputed([], ['b2']);
    expect(server.send(leave('stranger'))).toStrictEqual([]);
    expect(server.snapshot.value).toStrictEqual(PROBING);
    expect(server.snapshot.context.claimants).toStrictEqual(['b2']);
  });

  test('leaves the slot to grace if the holder leaves next', () => {
    const server = disputed(['p1'], ['b2']);
    server.send(leave('b2'));
    expect(server.send(leave('b1'))).toStrictEqual([GRACE_STARTED]);
    expect(server.snapshot.value).toStrictEqual({ claimed: 'grace' });
  });
});
