/** What the flight recorder keeps, what it drops first, and what it never keeps. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idsIn } from '../../src/inspect/recorded-state.ts';
import {
  MAX_STATE_IDS,
  RECORD_BYTES,
  RECORDER_BYTES,
  RECORDS_PER_SERVER_ID,
  SERVER_ID_BYTES,
  STATE_ID_BYTES,
} from '../../src/inspect/recorder-limits.ts';
import { TapeCopy } from '../../src/inspect/tape-copy.ts';
import type { ServerEvent } from '../../src/machines/server-messages.ts';
import { RecordedRelay, shortStory, steps, take } from './recorded-relay.ts';

const UNHEARD: ServerEvent = { type: 'phone.unheard', connId: 'p' };

test('records each event, including timers, with its time and the state after it', () => {
  const relay = shortStory();
  const tape = relay.recorder.tape('alpha');
  const empty = { status: 'active', phones: [], claimants: [] };
  expect(tape?.before).toStrictEqual({ ...empty, state: 'unclaimed', binaryId: null });
  expect(
    tape?.records.map(({ t, event, after }) => [t, event.type, after.state, after.phones]),
  ).toStrictEqual([
    [0, 'binary.claimed', 'claimed.held.live', []],
    [1_000, 'phone.registered', 'claimed.held.live', ['phone']],
    [1_000, 'phone.registered', 'claimed.held.live', ['phone']],
    [1_000, 'phone.left', 'claimed.held.live', []],
    [1_000, 'phone.ended', 'claimed.held.live', []],
    [1_000, 'binary.left', 'claimed.grace', []],
    [31_000, 'xstate.after.gracePeriod.server.claimed.grace', 'released', []],
    [31_000, 'xstate.init', 'unclaimed', []],
    [31_000, 'binary.claimed', 'claimed.held.live', []],
    [31_000, 'drain', 'released', []],
  ]);
});

test('keeps a released server-id, and appends the events of its next actor', () => {
  const relay = new RecordedRelay();
  relay.dial('binary', 's', 'b1');
  relay.send('s', { type: 'drain' });
  expect(relay.serverIds).toStrictEqual([]);
  expect(relay.events('s')).toStrictEqual(['binary.claimed', 'drain']);
  relay.dial('binary', 's', 'b2');
  expect(relay.events('s')).toStrictEqual(['binary.claimed', 'drain', 'xstate.init', 'binary.claimed']);
});

test('a phone that finds no binary leaves no record, and pushes out none', () => {
  const relay = new RecordedRelay();
  relay.dial('phone', 'never claimed', 'p');
  expect(relay.recorder.extent.records).toBe(0);
  relay.dial('binary', 's', 'b1');
  relay.send('s', { type: 'drain' });
  for (let n = 0; n < 2 * RECORDS_PER_SERVER_ID; n++) relay.dial('phone', 's', `p${n}`);
  expect(relay.serverIds).toStrictEqual([]);
  expect(relay.events('s')).toStrictEqual(['binary.claimed', 'drain']);
  relay.dial('binary', 's', 'b2');
  expect(relay.events('s')).toStrictEqual(['binary.claimed', 'drain', 'xstate.init', 'binary.claimed']);
});

test('keeps only ids and codes of an event', () => {
  const relay = new RecordedRelay();
  relay.dial('binary', 's', 'b');
  const laden = { ...UNHEARD, payload: 'SECRET', token: 'SECRET', remote: 'SECRET' };
  relay.send('s', laden);
  expect(relay.events('s')).toHaveLength(2);
  expect(JSON.stringify([...relay.recorder.copy()])).not.toContain('SECRET');
  expect(relay.text(true)).not.toContain('SECRET');
});

test('records an event on which the chart throws, and the actor fails as it would without a recorder', () => {
  const relay = new RecordedRelay();
  relay.dial('binary', 's', 'b');
  let reads = 0;
  relay.send('s', {
    type: 'phone.left',
    get connId() {
      if (reads++ === 0) throw new Error('broken on purpose');
      return 'p';
    },
  });
  expect(relay.serverIds).toStrictEqual([]);
  const last = relay.recorder.tape('s')?.records.at(-1);
  expect(last).toMatchObject({
    event: { type: 'phone.left', connId: 'p' },
    after: { state: 'claimed.held.live', status: 'error', binaryId: 'b' },
  });
});

test('counts an event that cannot be read, and nothing else breaks', () => {
  const relay = new RecordedRelay();
  relay.dial('binary', 's', 'b');
  relay.send('s', {
    // The chart does not look at this event in `unclaimed`.
    type: 'binary.answered',
    get connId(): string {
      throw new Error('broken on purpose');
    },
  });
  expect(relay.serverIds).toStrictEqual(['s']);
  expect(relay.recorder.extent).toMatchObject({ records: 1, lost: 1 });
});

test(`keeps at most ${RECORDS_PER_SERVER_ID} records per server-id, and the state before the oldest`, () => {
  const relay = new RecordedRelay();
  relay.dial('binary', 's', 'b');
  relay.dial('phone', 's', 'p0');
  for (let n = 2; n < RECORDS_PER_SERVER_ID; n++) relay.send('s', UNHEARD);
  expect(relay.events('s')).toHaveLength(RECORDS_PER_SERVER_ID);
  expect(relay.recorder.tape('s')?.before.state).toBe('unclaimed');
  relay.send('s', UNHEARD, UNHEARD);
  expect(relay.events('s')).toHaveLength(RECORDS_PER_SERVER_ID);
  expect(relay.events('s').every((type) => type === 'phone.unheard')).toBe(true);
  expect(relay.recorder.tape('s')?.before).toMatchObject({ state: 'claimed.held.live', phones: ['p0'] });
  expect(relay.recorder.extent.records).toBe(RECORDS_PER_SERVER_ID);

  // A new actor adds two records at once.
  relay.send('s', { type: 'drain' });
  relay.dial('binary', 's', 'b2');
  expect(relay.events('s')).toHaveLength(RECORDS_PER_SERVER_ID);
});

test('drops the oldest record of all server-ids first, and a server-id with its last record', () => {
  const relay = new RecordedRelay();
  const most = Math.floor(RECORDER_BYTES / (RECORD_BYTES + SERVER_ID_BYTES));
  for (let n = 0; n < most; n++) relay.dial('binary', `s${n}`, `b${n}`);
  expect(relay.recorder.extent.records).toBe(most);
  // The newest record belongs to the oldest server-id.
  relay.send('s0', UNHEARD);
  expect(relay.events('s0')).toStrictEqual(['phone.unheard']);
  expect(relay.recorder.tape('s0')?.before.state).toBe('claimed.held.live');
  expect(relay.recorder.tape('s1')?.records).toHaveLength(1);
  relay.dial('binary', 'late', 'b');
  expect(relay.recorder.tape('s1')).toBeUndefined();
  expect(relay.events('s2')).toHaveLength(1);
  expect(relay.events('late')).toHaveLength(1);
  for (let n = 0; n < most; n++) relay.send('s2', UNHEARD);
  expect(relay.events('s2')).toHaveLength(RECORDS_PER_SERVER_ID);
  expect(relay.recorder.extent.bytes).toBeLessThanOrEqual(RECORDER_BYTES);
  // A server-id that was dropped starts again from its current state.
  relay.send('s1', UNHEARD);
  expect(relay.recorder.tape('s1')?.before).toMatchObject({ state: 'claimed.held.live', binaryId: 'b1' });
});

test('does not record a server-id while it has too many phones', () => {
  const relay = new RecordedRelay(0);
  relay.dial('binary', 's', 'b');
  for (let n = 0; n <= MAX_STATE_IDS; n++) relay.dial('phone', 's', `p${n}`);
  expect(relay.recorder.extent).toMatchObject({ records: RECORDS_PER_SERVER_ID, lost: 1 });
  relay.send('s', UNHEARD, { type: 'phone.left', connId: 'p0' }, UNHEARD);
  expect(relay.recorder.extent.lost).toBe(3);
  expect(relay.events('s').slice(-3)).toStrictEqual(['phone.registered', 'xstate.init', 'phone.unheard']);
  for (const line of relay.text(true).split('\n')) expect(line.length).toBeLessThan(64 * 1024);
});

test('counts match the contents after any events', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const relay = new RecordedRelay();
      for (const next of all) take(relay, next);
      const tapes = [...relay.recorder.copy()];
      let bytes = 0;
      for (const { before, records } of tapes) {
        expect(records.length).toBeGreaterThan(0);
        expect(records.length).toBeLessThanOrEqual(RECORDS_PER_SERVER_ID);
        bytes += SERVER_ID_BYTES + STATE_ID_BYTES * idsIn(before);
        for (const { after } of records) bytes += RECORD_BYTES + STATE_ID_BYTES * idsIn(after);
      }
      const records = tapes.reduce((sum, tape) => sum + tape.records.length, 0);
      expect(relay.recorder.extent).toStrictEqual({ records, bytes, lost: 0 });
    }),
    { numRuns: 100 },
  );
});

test('a tape that was read does not change with later records', () => {
  const relay = new RecordedRelay();
  relay.dial('binary', 's', 'b');
  const [tape] = [...relay.recorder.copy()];
  const then = JSON.stringify(tape?.records.map(({ t, event, after }) => ({ t, event, after })));
  for (let n = 0; n < 2 * RECORDS_PER_SERVER_ID; n++) relay.send('s', UNHEARD);
  expect(JSON.stringify(tape?.records.map(({ t, event, after }) => ({ t, event, after })))).toBe(then);
});

describe('a copy', () => {
  test('shows the contents as of its call, whatever is recorded while it is read', () => {
    fc.assert(
      fc.property(steps, steps, fc.nat({ max: 3 }), (before, after, readBetween) => {
        const relay = new RecordedRelay();
        for (const next of before) take(relay, next);
        const expected = [...relay.recorder.copy()];
        const copy = relay.recorder.copy();
        const tapes = copy[Symbol.iterator]();
        const read: unknown[] = [];
        const readOne = (): void => {
          const { done, value } = tapes.next();
          if (done !== true) read.push(value);
        };
        for (let n = 0; n < readBetween; n++) readOne();
        for (const next of after) take(relay, next);
        for (let n = 0; n < expected.length; n++) readOne();
        copy.end();
        expect(read).toStrictEqual(expected);
        expect([copy.servers, copy.records]).toEqual([
          expected.length,
          expected.reduce((sum, { records }) => sum + records.length, 0),
        ]);
      }),
      { numRuns: 50 },
    );
  });

  test('copies a server-id when it is read or about to change, each once, and none at its call', () => {
    const copied: string[] = [];
    const track = (serverId: string) => ({ serverId });
    const [alpha, beta, gamma] = [track('alpha'), track('beta'), track('gamma')];
    const before = {
      state: 'unclaimed',
      status: 'active',
      binaryId: null,
      phones: [],
      claimants: [],
    } as const;
    const copy = new TapeCopy(
      [alpha, beta, gamma],
      0,
      ({ serverId }) => {
        copied.push(serverId);
        return { serverId, before, records: [] };
      },
      () => {},
    );
    expect(copied).toEqual([]);
    copy.keep(beta);
    copy.keep(beta);
    copy.keep(track('delta'));
    expect(copied).toEqual(['beta']);
    const [first] = copy;
    copy.keep(alpha);
    expect([first?.serverId, copied]).toEqual(['alpha', ['beta', 'alpha']]);
    copy.end();
    copy.keep(gamma);
    expect(copied).toEqual(['beta', 'alpha']);
  });
});
