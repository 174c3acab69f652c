/** How many of the sockets that wait are read, and when none is. */
import { beforeEach, expect, test } from 'vitest';
import {
  CROWD_LANES,
  CROWD_READ_MS,
  CROWD_REST_MS,
  READERS_REST_MS,
  WAITING_READERS_PER_TURN,
} from '../../src/protocol/limits.ts';
import { ReadingPace } from '../../src/transport/reading-pace.ts';

let nowMs: number;
let isShort: boolean;
let pace: ReadingPace;
beforeEach(() => {
  nowMs = 0;
  isShort = false;
  pace = new ReadingPace(
    () => isShort,
    () => nowMs,
  );
});

const FREE = { readers: WAITING_READERS_PER_TURN, rest: undefined };
const ONE = { readers: 1, rest: undefined };
const CROWD_REST = { readers: 0, rest: { reason: 'crowd', ms: CROWD_REST_MS } };

test('a few are read without rests, however long it takes', () => {
  for (let turns = 0; turns < 9; turns++) {
    expect(pace.next(CROWD_LANES - 1)).toEqual(FREE);
    nowMs += 10 * CROWD_READ_MS;
  }
});

test('of a crowd, one is read in a turn, and none for a while when reading has taken its time', () => {
  expect(pace.next(CROWD_LANES)).toEqual(ONE);
  nowMs += CROWD_READ_MS / 2;
  expect(pace.next(CROWD_LANES)).toEqual(ONE);
  nowMs += CROWD_READ_MS / 2;
  expect(pace.next(CROWD_LANES)).toEqual(CROWD_REST);
});

test('the time of a rest is not counted as reading', () => {
  pace.next(CROWD_LANES);
  nowMs += CROWD_READ_MS;
  pace.next(CROWD_LANES);
  nowMs += CROWD_REST_MS;
  expect(pace.next(CROWD_LANES)).toEqual(ONE);
  expect(pace.next(CROWD_LANES)).toEqual(ONE);
});

test('a crowd that has come again is read before it rests', () => {
  pace.next(CROWD_LANES);
  nowMs += CROWD_READ_MS;
  pace.next(1);
  expect(pace.next(CROWD_LANES)).toEqual(ONE);
});

test('a crowd that could not be read for another reason, or was slowed for want of memory, is read before it rests', () => {
  pace.next(CROWD_LANES);
  nowMs += CROWD_READ_MS;
  pace.interrupt();
  expect(pace.next(CROWD_LANES)).toEqual(ONE);
  nowMs += CROWD_READ_MS;
  isShort = true;
  pace.next(CROWD_LANES);
  isShort = false;
  expect(pace.next(CROWD_LANES)).toEqual(ONE);
});

test('while memory is short, each read is followed by a rest, for a crowd as for one', () => {
  isShort = true;
  for (const waiting of [1, CROWD_LANES, 1_000]) {
    expect(pace.next(waiting)).toEqual({ readers: 1, rest: { reason: 'backlog', ms: READERS_REST_MS } });
  }
});
