/** One turn of the event loop: its order, and that a fault affects no other outbox or reader. */
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  CROWD_LANES,
  CROWD_READ_MS,
  CROWD_REST_MS,
  MOST_TURNS_BEHIND,
  READERS_REST_MS,
  TURN_PARSE_MS,
  TURN_WRITE_MS,
  WAITING_READERS_PER_TURN,
} from '../../src/protocol/limits.ts';
import { type Flushable, Turn } from '../../src/transport/turn.ts';
import type { Reader } from '../../src/transport/waiting-readers.ts';
import { NO_TIME_PASSES, turnEnds } from '../support/turns.ts';

let turn: Turn;
let done: string[];
let faults: unknown[];
beforeEach(() => {
  done = [];
  faults = [];
  turn = new Turn((error) => void faults.push(error), NO_TIME_PASSES);
});

const FAULT = new Error('a fault');
const outbox = (name: string): Flushable => ({ flush: () => void done.push(name) });
const reader = (name: string, lane: string, isReadable = true): Reader => ({
  address: 'a',
  lane,
  takeTurn: () => {
    done.push(name);
    return isReadable;
  },
});
const brokenOutbox: Flushable = {
  flush: () => {
    throw FAULT;
  },
};
const brokenReader = (lane: string): Reader => ({
  address: 'a',
  lane,
  takeTurn: () => {
    throw FAULT;
  },
});

describe('at the end of a turn', () => {
  test('what was written is flushed before the next sockets are read', async () => {
    turn.queue(reader('reader', 's'));
    turn.add(outbox('first'));
    turn.add(outbox('second'));
    expect(done).toEqual([]);
    await turnEnds();
    expect(done).toEqual(['first', 'second', 'reader']);
  });

  test('one reader of each lane takes a turn, and the next reader in the next turn', async () => {
    for (const name of ['s1', 's2', 't1']) turn.queue(reader(name, name.slice(0, 1)));
    await turnEnds();
    expect(done).toEqual(['s1', 't1']);
    await turnEnds();
    expect(done).toEqual(['s1', 't1', 's2']);
  });

  test('a reader that cannot be read passes its turn to the next', async () => {
    turn.queue(reader('paused', 's', false));
    turn.queue(reader('next', 's'));
    await turnEnds();
    expect(done).toEqual(['paused', 'next']);
  });

  test('an outbox that is written to during a flush is flushed in the next turn', async () => {
    turn.add({ flush: () => turn.add(outbox('again')) });
    await turnEnds();
    expect(done).toEqual([]);
    await turnEnds();
    expect(done).toEqual(['again']);
  });
});

test('the frames of a turn that forwarded nothing do not count in the next', async () => {
  let nowMs = 0;
  turn = new Turn(
    () => {},
    () => nowMs,
  );
  turn.addFrame();
  await turnEnds();
  nowMs += TURN_PARSE_MS;
  expect(turn.addFrame()).toBe(false);
});

describe('of waiting readers', () => {
  /** A reader that waits again whenever it has had its turn, until the next test. */
  const greedy = (address: string, lane: string): Reader => {
    const [own, log] = [turn, done];
    const self: Reader = {
      address,
      lane,
      takeTurn: () => {
        log.push(`${address}${lane}`);
        if (own === turn) own.queue(self);
        return true;
      },
    };
    return self;
  };
  const served = async (turns: number): Promise<Record<string, number>> => {
    for (let n = 0; n < turns; n++) await turnEnds();
    return Object.fromEntries(
      [...new Set(done)].map((name) => [name, done.filter((by) => by === name).length]),
    );
  };
  const PER_TURN = WAITING_READERS_PER_TURN;

  test('each turn resumes as many as there may be in one', async () => {
    for (let n = 0; n < 3 * PER_TURN; n++) turn.queue(greedy('a', `lane ${n}`));
    for (let turns = 1; turns <= 5; turns++) {
      await turnEnds();
      expect(done).toHaveLength(turns * PER_TURN);
    }
  });

  test('the lanes of one address share its turns evenly, and none is left out', async () => {
    for (let n = 0; n < 20; n++) turn.queue(greedy('a', ` lane ${n}`));
    expect(Object.values(await served(20))).toEqual(Array.from({ length: 20 }, () => PER_TURN));
  });

  test('a lane has one turn at most, however much room is left', async () => {
    turn.queue(greedy('a', '1'));
    expect(await served(7)).toEqual({ a1: 7 });
  });

  test('addresses where nobody can be read any more cost no other its turn', async () => {
    for (const address of ['gone', 'gone too', 'and gone']) {
      turn.queue({ ...reader(address, 's', false), address });
    }
    turn.queue(greedy('alive', ''));
    await turnEnds();
    expect(done).toEqual(['gone', 'gone too', 'and gone', 'alive']);
  });

  test('an address with many lanes does not delay one with a single lane', async () => {
    for (let n = 0; n < CROWD_LANES - 2; n++) turn.queue(greedy('many', String(n)));
    turn.queue(greedy('one', ''));
    expect((await served(10))['one']).toBe(10);
  });

  test('of more addresses than a turn has room for each gets as much, whatever its lanes', async () => {
    for (let address = 0; address < 2 * PER_TURN; address++) {
      for (let lane = 0; lane <= address; lane++) turn.queue(greedy(`${address}:`, String(lane)));
    }
    await served(20);
    const byAddress = new Map<string, number>();
    for (const name of done) {
      const address = name.slice(0, name.indexOf(':'));
      byAddress.set(address, (byAddress.get(address) ?? 0) + 1);
    }
    expect([...byAddress.values()]).toEqual(Array.from({ length: 2 * PER_TURN }, () => 10));
  });
});

describe('while memory is short', () => {
  let isShort: boolean;
  let rests: string[];
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    isShort = true;
    rests = [];
    turn.restBy({ isShort: () => isShort, rested: (reason) => void rests.push(reason) });
    for (const name of ['first', 'second', 'third']) turn.queue(reader(name, 's'));
  });

  test('the sockets that wait are read again after a rest, and not before', async () => {
    for (let turns = 0; turns < 5; turns++) {
      turn.add(outbox('other'));
      await turnEnds();
    }
    expect(done.filter((name) => name !== 'other')).toEqual(['first']);
    vi.advanceTimersByTime(READERS_REST_MS - 1);
    await turnEnds();
    expect(done.at(-1)).toBe('other');
    vi.advanceTimersByTime(1);
    await turnEnds();
    expect(done.at(-1)).toBe('second');
    expect(rests).toEqual(['backlog', 'backlog']);
  });

  test('outboxes are flushed in each turn as ever', async () => {
    await turnEnds();
    turn.add(outbox('other'));
    await turnEnds();
    expect(done).toEqual(['first', 'other']);
  });

  test('a socket that waits for the first time waits for the end of the rest too', async () => {
    await turnEnds();
    turn.queue(reader('new', 'another lane'));
    await turnEnds();
    expect(done).toEqual(['first']);
    vi.advanceTimersByTime(READERS_REST_MS);
    await turnEnds();
    expect(done).toEqual(['first', 'second']);
    vi.advanceTimersByTime(READERS_REST_MS);
    await turnEnds();
    expect(done).toEqual(['first', 'second', 'new']);
  });

  test('the rests end with the shortage', async () => {
    await turnEnds();
    isShort = false;
    vi.advanceTimersByTime(READERS_REST_MS);
    await turnEnds();
    await turnEnds();
    expect(done).toEqual(['first', 'second', 'third']);
    expect(rests).toEqual(['backlog']);
  });
});

describe('while many wait', () => {
  test('those that have had their turn are no part of the crowd', async () => {
    const few = CROWD_LANES - 1;
    for (let n = 0; n < few + 5; n++) turn.queue(reader(String(n), String(n)));
    for (let turns = 0; turns < 5; turns++) await turnEnds();
    expect(done).toHaveLength(5);
    for (let turns = 0; turns < Math.ceil(few / WAITING_READERS_PER_TURN); turns++) await turnEnds();
    expect(done).toHaveLength(few + 5);
  });

  test('sockets of one lane are no crowd', async () => {
    for (let n = 0; n < 2 * CROWD_LANES; n++) turn.queue(reader(String(n), n % 2 === 0 ? 'even' : 'odd'));
    await turnEnds();
    expect(done).toHaveLength(2);
    for (let turns = 1; turns < CROWD_LANES; turns++) await turnEnds();
    expect(done).toHaveLength(2 * CROWD_LANES);
  });

  test('they are read one at a time, with rests that begin when reading has taken its time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    let nowMs = 0;
    turn = new Turn(
      () => {},
      () => nowMs,
    );
    const rests: string[] = [];
    turn.restBy({ isShort: () => false, rested: (reason) => void rests.push(reason) });
    // Those that are left go on beside the next test.
    const read: number[] = [];
    for (let n = 0; n < CROWD_LANES + 9; n++) {
      turn.queue({ address: 'a', lane: String(n), takeTurn: () => read.push(n) > 0 });
    }
    await turnEnds();
    await turnEnds();
    expect(read).toEqual([0, 1]);
    nowMs += CROWD_READ_MS;
    for (let turns = 0; turns < 5; turns++) {
      turn.add(outbox('other'));
      await turnEnds();
    }
    expect(read).toEqual([0, 1]);
    expect(done).toHaveLength(5);
    expect(rests).toEqual(['crowd']);
    vi.advanceTimersByTime(CROWD_REST_MS);
    await turnEnds();
    expect(read).toEqual([0, 1, 2]);
  });
});

describe('in front of a long read', () => {
  test('each is looked at once, however many long reads a turn has', async () => {
    let looked = 0;
    const left: Flushable = {
      get isLong() {
        looked++;
        return true;
      },
      flush: () => {},
    };
    for (let n = 0; n < 100; n++) turn.add(left);
    for (let reads = 0; reads < 100; reads++) turn.writeShort();
    expect(looked).toBe(100);
    await turnEnds();
  });

  const knownOutbox = (name: string, isLong: boolean): Flushable => ({ ...outbox(name), isLong });

  test('what is short is written at once, and nothing else', async () => {
    turn.add(knownOutbox('long', true));
    turn.add(knownOutbox('short', false));
    turn.add(outbox('of neither kind'));
    turn.writeShort();
    expect(done).toEqual(['short']);
    turn.add(knownOutbox('later', false));
    await turnEnds();
    expect(done).toEqual(['short', 'of neither kind', 'later', 'long']);
  });

  test('a fault of one costs no other its write', async () => {
    turn.add({ ...brokenOutbox, isLong: false });
    turn.add(knownOutbox('other', false));
    turn.writeShort();
    expect(done).toEqual(['other']);
    expect(faults).toEqual([FAULT]);
    await turnEnds();
    expect(done).toEqual(['other']);
  });
});

describe('a fault', () => {
  test('of one outbox is reported, and the other outboxes and readers get their turn', async () => {
    turn.add(brokenOutbox);
    turn.add(outbox('other'));
    turn.queue(reader('reader', 's'));
    await turnEnds();
    expect(done).toEqual(['other', 'reader']);
    expect(faults).toEqual([FAULT]);
  });

  test('of one reader is reported, and the next in its lane gets its turn', async () => {
    turn.queue(brokenReader('s'));
    turn.queue(reader('next', 's'));
    turn.queue(reader('other lane', 't'));
    await turnEnds();
    expect(done).toEqual(['next', 'other lane']);
    expect(faults).toEqual([FAULT]);
  });

  test('of the only reader in a lane does not close the lane', async () => {
    turn.queue(brokenReader('s'));
    await turnEnds();
    turn.queue(reader('later', 's'));
    await turnEnds();
    expect(done).toEqual(['later']);
  });
});

describe('writing that takes long', () => {
  let nowMs: number;
  beforeEach(() => {
    nowMs = 0;
    turn = new Turn(
      (error) => void faults.push(error),
      () => nowMs,
    );
  });
  const long = (name: string, flush = (): void => {}): Flushable => ({
    isLong: true,
    flush: () => {
      done.push(name);
      nowMs += TURN_WRITE_MS / 2;
      flush();
    },
  });

  test('comes after all that is short, and those that are left are first in the next turn', async () => {
    for (const name of ['a', 'b', 'c']) turn.add(long(name));
    turn.add(outbox('short'));
    await turnEnds();
    expect(done).toEqual(['short', 'a', 'b']);
    turn.add(long('d'));
    turn.add(outbox('another'));
    await turnEnds();
    expect(done.slice(3)).toEqual(['another', 'c', 'd']);
  });

  test('of one is done whatever the short ones took', async () => {
    turn.add(long('long'));
    turn.add({ flush: () => void (nowMs += 10 * TURN_WRITE_MS) });
    await turnEnds();
    expect(done).toEqual(['long']);
  });

  test('keeps those that wait from being read until nothing is left', async () => {
    for (const name of ['a', 'b', 'c']) turn.add(long(name));
    turn.queue(reader('reader', 's'));
    await turnEnds();
    expect(done).toEqual(['a', 'b']);
    expect(turn.isOver).toBe(true);
    await turnEnds();
    expect(done).toEqual(['a', 'b', 'c', 'reader']);
    expect(turn.isOver).toBe(false);
  });

  test('and never ends does not keep those that wait from being read', async () => {
    let isFlooding = true;
    const endless = (name: string): Flushable =>
      long(name, () => {
        if (isFlooding) turn.add(endless(name));
      });
    for (const name of ['a', 'b', 'c']) turn.add(endless(name));
    turn.queue(reader('reader', 's'));
    for (let turns = 1; turns < MOST_TURNS_BEHIND; turns++) await turnEnds();
    expect(done).not.toContain('reader');
    await turnEnds();
    expect(done).toContain('reader');
    isFlooding = false;
    // The three that are left are written in two.
    await turnEnds();
    await turnEnds();
  });

  test('and never ends does not keep a crowd from being read', async () => {
    let isFlooding = true;
    const endless = (name: string): Flushable =>
      long(name, () => {
        if (isFlooding) turn.add(endless(name));
      });
    for (const name of ['a', 'b', 'c']) turn.add(endless(name));
    const read: number[] = [];
    for (let n = 0; n < CROWD_LANES + 9; n++) {
      turn.queue({ address: 'a', lane: String(n), takeTurn: () => read.push(n) > 0 });
    }
    for (let times = 1; times <= 3; times++) {
      for (let turns = 0; turns < MOST_TURNS_BEHIND; turns++) await turnEnds();
      expect(read).toHaveLength(times);
    }
    isFlooding = false;
    await turnEnds();
    await turnEnds();
  });

  test('with a fault of one goes on with the next', async () => {
    turn.add(
      long('broken', () => {
        throw FAULT;
      }),
    );
    turn.add(long('next'));
    await turnEnds();
    expect(done).toEqual(['broken', 'next']);
    expect(faults).toEqual([FAULT]);
  });
});

test('while readers are held, a turn is over from its begin: what is long is left to later ones', () => {
  const holder = {};
  turn.holdReaders(holder);
  expect(turn.isOver).toBe(true);
  turn.releaseReaders(holder);
  expect(turn.isOver).toBe(false);
});

describe('parsing that takes long', () => {
  let nowMs: number;
  beforeEach(() => {
    nowMs = 0;
    turn = new Turn(
      (error) => void faults.push(error),
      () => nowMs,
    );
  });
  const slowReader = (name: string): Reader => ({
    ...reader(name, name),
    takeTurn: () => {
      done.push(name);
      turn.addFrame();
      nowMs += TURN_PARSE_MS;
      return true;
    },
  });

  test('ends a turn: who waits is read in later ones, and each comes to its turn', async () => {
    for (const name of ['a', 'b', 'c']) turn.queue(slowReader(name));
    await turnEnds();
    expect(done).toEqual(['a']);
    await turnEnds();
    expect(done).toEqual(['a', 'b']);
    await turnEnds();
    expect(done).toEqual(['a', 'b', 'c']);
  });

  test('is noticed with each frame, and forgotten with the turn', async () => {
    expect(turn.addFrame()).toBe(false);
    nowMs += TURN_PARSE_MS;
    expect(turn.addFrame()).toBe(true);
    turn.add(outbox('any'));
    await turnEnds();
    expect(turn.addFrame()).toBe(false);
  });
});
