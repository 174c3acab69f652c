/** Names for the connections of a server-id: numbered and lettered in the order in which they came. */
import { describe, expect, test } from 'vitest';
import { PeerNames } from '../../src/inspect/page/peer-names.ts';
import type { TimelineEvent } from '../../src/inspect/updates.ts';

const told = (type: string, connId: string, state: string): TimelineEvent => ({
  n: 1,
  atMs: 0,
  from: { kind: 'directory', connId: '', role: '' },
  to: { kind: 'server', connId: '', role: '' },
  message: { type, connId, closeCode: null, cause: '' },
  state,
  taken: [],
  isIgnored: false,
  orders: [],
  reports: [],
});

describe('the name of a connection', () => {
  test('counts from the claim of its server-id, and begins anew with the next claim', () => {
    const names = new PeerNames();
    const events = [
      told('phone.registered', 'c-1', 'released'),
      told('binary.claimed', 'c-2', 'claimed.held.live'),
      told('phone.registered', 'c-3', 'claimed.held.live'),
      told('binary.claimed', 'c-4', 'claimed.held.probing'),
      told('phone.registered', 'c-5', 'claimed.held.probing'),
      told('xstate.after.gracePeriod.server.claimed.grace', '', 'released'),
      told('binary.claimed', 'c-6', 'claimed.held.live'),
    ];
    for (const event of events) names.note(event);
    const ids = ['c-1', 'c-2', 'c-3', 'c-4', 'c-5', 'c-6'];
    expect(ids.map((id) => names.party(id, ''))).toEqual([
      'phone A',
      'binary 1',
      'phone A',
      'binary 2',
      'phone B',
      'binary 1',
    ]);
  });

  test('goes on after Z, and counts those that were there before', () => {
    const names = new PeerNames();
    const phones = Array.from({ length: 28 }, (_, n) => `c-${n}`);
    names.begin({ state: 'claimed.held.live', status: 'active', binaryId: 'c-b', claimants: [], phones });
    expect([...phones.slice(25), 'new'].map((id) => names.party(id, 'phone'))).toEqual([
      'phone Z',
      'phone AA',
      'phone AB',
      'phone AC',
    ]);
    expect(names.party('c-b', 'binary')).toBe('binary 1');
  });
});
