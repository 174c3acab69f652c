import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { LineShares } from '../../src/observe/line-shares.ts';
import {
  ADDRESS_LINES_IN_FULL,
  DIAL_LINES_IN_FULL,
  LOG_LINE_PERIOD_MS,
  MAX_COUNTED_ADDRESSES,
  MAX_COUNTED_LINE_KINDS,
  MESSAGE_LINES_IN_FULL,
  NEWCOMER_LINES_IN_FULL,
  NEWCOMER_MS,
} from '../../src/observe/log-limits.ts';
import type { LogSink } from '../../src/observe/log-line.ts';

interface Line {
  readonly event: string;
  readonly fields: object;
}

let nowMs: number;
let lines: Line[];
let shares: LineShares;
beforeEach(() => {
  nowMs = 0;
  lines = [];
  const note = (fields: object, event: string): void => void lines.push({ event, fields });
  const sink: LogSink = { info: note, warn: note, error: note };
  shares = new LineShares(sink, () => nowMs);
});

const BROKEN = 'binary_forwarder_unmarshal_err';
const broken = (serverId: string): void => shares.warn({ server_id: serverId, err: 'x' }, BROKEN);
const claim = (serverId: string, remote = 'a'): void =>
  shares.info({ server_id: serverId, binary_version: '1', remote }, 'server_claimed');
const register = (serverId: string, remote = 'p'): void =>
  shares.info({ server_id: serverId, conn_id: 'c', device_name: '', remote }, 'phone_registered');
const written = (event: string): Line[] => lines.filter((line) => line.event === event);
/** The lines that say how many were left out, since the last call. */
const counts = (): object[] => {
  const found = written('lines_left_out').map(({ fields }) => fields);
  lines = lines.filter(({ event }) => event !== 'lines_left_out');
  return found;
};
const passPeriod = (): void => {
  nowMs += LOG_LINE_PERIOD_MS;
  shares.sweep();
};
const times = (count: number, act: (i: number) => void): void => {
  for (let i = 0; i < count; i++) act(i);
};

describe('lines of one event under one server-id', () => {
  test('the first are written, then one a period with the count, until a period is quiet', () => {
    times(1_000, () => broken('s'));
    expect(written(BROKEN)).toHaveLength(MESSAGE_LINES_IN_FULL);
    shares.sweep();
    expect(counts()).toEqual([]);
    passPeriod();
    expect(counts()).toEqual([
      { event: BROKEN, server_id: 's', remote: '', lines: 1_000 - MESSAGE_LINES_IN_FULL },
    ]);
    times(7, () => broken('s'));
    passPeriod();
    expect(counts()).toEqual([{ event: BROKEN, server_id: 's', remote: '', lines: 7 }]);
    expect(written(BROKEN)).toHaveLength(MESSAGE_LINES_IN_FULL);
    passPeriod();
    expect(counts()).toEqual([]);
    broken('s');
    expect(written(BROKEN)).toHaveLength(MESSAGE_LINES_IN_FULL + 1);
    expect(shares.leftOutLines).toBe(1_000 - MESSAGE_LINES_IN_FULL + 7);
  });

  test('the count of a binary that leaves comes before the line that says so, and dialling again earns no lines', () => {
    times(9, () => broken('s'));
    shares.info({ server_id: 's', binary_conn_id: 'b', err: '' }, 'binary_forwarder_read_end');
    expect(lines.slice(-2).map(({ event }) => event)).toEqual([
      'lines_left_out',
      'binary_forwarder_read_end',
    ]);
    broken('s');
    expect(written(BROKEN)).toHaveLength(MESSAGE_LINES_IN_FULL);
  });

  test('another server-id and another event are not affected', () => {
    times(1_000, () => broken('s'));
    broken('t');
    shares.warn({ server_id: 's', conn_id: 'c' }, 'binary_forwarder_unknown_conn_id');
    register('s');
    expect(lines).toHaveLength(MESSAGE_LINES_IN_FULL + 3);
  });

  test('all phones of a server-id may register at once', () => {
    times(DIAL_LINES_IN_FULL + 1, () => register('s'));
    expect(written('phone_registered')).toHaveLength(DIAL_LINES_IN_FULL);
  });

  test('lines of the relay itself are never left out', () => {
    times(1_000, () => shares.info({ listen: 'x' }, 'listening'));
    expect(lines).toHaveLength(1_000);
  });
});

describe('lines of one address', () => {
  test('who makes up server-ids uses up the share of newcomers, not of those in service, nor of other addresses', () => {
    claim('in service', 'proxy');
    nowMs = NEWCOMER_MS;
    shares.sweep();
    lines = [];
    times(10_000, (i) => claim(`new-${i}`, 'proxy'));
    expect(written('server_claimed')).toHaveLength(NEWCOMER_LINES_IN_FULL);
    register('in service', 'proxy');
    expect(written('phone_registered')).toHaveLength(1);
    claim('elsewhere', 'other');
    expect(written('server_claimed')).toHaveLength(NEWCOMER_LINES_IN_FULL + 1);
    passPeriod();
    const left = 10_000 - NEWCOMER_LINES_IN_FULL;
    expect(counts()).toEqual([{ event: 'server_claimed', server_id: '', remote: 'proxy', lines: left }]);
    claim('next period', 'proxy');
    expect(written('server_claimed')).toHaveLength(NEWCOMER_LINES_IN_FULL + 2);
  });

  test('server-ids in service have a share, too', () => {
    times(1_000, (i) => claim(`s-${i}`, `address-${i}`));
    nowMs = NEWCOMER_MS;
    shares.sweep();
    lines = [];
    times(5, () => times(1_000, (i) => register(`s-${i}`, 'proxy')));
    expect(lines).toHaveLength(ADDRESS_LINES_IN_FULL);
  });

  test('a server-id that was given up is a newcomer again', () => {
    claim('s');
    nowMs = NEWCOMER_MS;
    shares.info({ server_id: 's' }, 'server_grace_expired');
    times(NEWCOMER_LINES_IN_FULL, (i) => register(`made up ${i}`));
    register('s');
    expect(written('phone_registered')).toHaveLength(NEWCOMER_LINES_IN_FULL);
  });

  test('lines without an address count for who has claimed the server-id', () => {
    times(NEWCOMER_LINES_IN_FULL + 1, (i) => claim(`s-${i}`));
    claim('t', 'b');
    times(NEWCOMER_LINES_IN_FULL + 1, (i) => shares.info({ server_id: `s-${i}` }, 'server_released'));
    expect(written('server_released')).toHaveLength(NEWCOMER_LINES_IN_FULL);
    shares.info({ server_id: 't' }, 'server_released');
    expect(written('server_released')).toHaveLength(NEWCOMER_LINES_IN_FULL + 1);
  });

  test('the addresses of one IPv6 subscriber are one, and each line names its own', () => {
    times(NEWCOMER_LINES_IN_FULL + 2, (i) => claim(`s-${i}`, `2001:db8::${(i + 1).toString(16)}`));
    expect(written('server_claimed')).toHaveLength(NEWCOMER_LINES_IN_FULL);
    expect(lines[1]?.fields).toMatchObject({ remote: '2001:db8::2' });
    claim('t', '2001:db8:0:1::1');
    expect(written('server_claimed')).toHaveLength(NEWCOMER_LINES_IN_FULL + 1);
    shares.info({ server_id: 's-0' }, 'server_released');
    times(NEWCOMER_LINES_IN_FULL, (i) => register(`u-${i}`, '2001:db8::ffff'));
    shares.info({ server_id: 's-1' }, 'phone_registered');
    expect(written('phone_registered')).toHaveLength(NEWCOMER_LINES_IN_FULL);
    passPeriod();
    expect(counts()).toEqual([
      { event: 'server_claimed', server_id: '', remote: '2001:db8:0:0::/64', lines: 2 },
      { event: 'phone_registered', server_id: '', remote: '2001:db8:0:0::/64', lines: 1 },
    ]);
  });

  test('one event does not use up the share of another', () => {
    times(2 * NEWCOMER_LINES_IN_FULL, (i) => claim(`s-${i}`));
    shares.info({ server_id: 's-0' }, 'server_released');
    expect(written('server_released')).toHaveLength(1);
  });

  test('more addresses and server-ids than are remembered share one count, and those in service keep their place', () => {
    claim('in service', 'b');
    nowMs = NEWCOMER_MS;
    shares.sweep();
    lines = [];
    times(2 * MAX_COUNTED_ADDRESSES, (i) => times(10, (j) => claim(`${i}-${j}`, `address-${i}`)));
    expect(lines.length).toBeLessThan(MAX_COUNTED_LINE_KINDS);
    register('in service', 'b');
    expect(written('phone_registered')).toHaveLength(1);
  });
});

const EVENTS = [
  BROKEN,
  'phone_registered',
  'server_claimed',
  'binary_forwarder_read_end',
  'server_grace_expired',
];
type Step =
  | { readonly event: string; readonly serverId: string; readonly remote: string; readonly count: number }
  | { readonly waitMs: number };

test('whatever comes: every line is written or counted, and there are never more than the shares allow', () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      event: fc.constantFrom(...EVENTS),
      serverId: fc.constantFrom('s', 't', 'u'),
      remote: fc.constantFrom('', 'a', 'b'),
      count: fc.integer({ min: 1, max: 400 }),
    }),
    fc.record({ waitMs: fc.integer({ min: 0, max: 2 * LOG_LINE_PERIOD_MS }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const passed = new Map<string, number>();
      const told = { lines: 0, inFull: 0, counts: 0 };
      const note = (fields: object, event: string): void => {
        if (event === 'lines_left_out') {
          told.counts++;
          told.lines += Number(Reflect.get(fields, 'lines'));
          return;
        }
        told.inFull++;
        const key = `${event} ${String(Reflect.get(fields, 'server_id'))}`;
        passed.set(key, (passed.get(key) ?? 0) + 1);
      };
      let now = 0;
      let sent = 0;
      let periods = 1;
      const limited = new LineShares({ info: note, warn: note, error: note }, () => now);
      for (const taken of steps) {
        if ('waitMs' in taken) {
          now += taken.waitMs;
          limited.sweep();
          periods++;
          continue;
        }
        sent += taken.count;
        times(taken.count, () =>
          limited.info({ server_id: taken.serverId, remote: taken.remote }, taken.event),
        );
      }
      limited.end();
      expect(told.inFull + told.lines).toBe(sent);
      expect(told.lines).toBe(limited.leftOutLines);
      for (const [key, count] of passed) {
        const inFull = key.startsWith(BROKEN) ? MESSAGE_LINES_IN_FULL : DIAL_LINES_IN_FULL;
        expect(count).toBeLessThanOrEqual(periods * inFull);
      }
    }),
  );
});
