/** One turn of the event loop: its order, and that a fault affects no other outbox or reader. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Flushable, type Reader, Turn } from '../../src/transport/turn.ts';
import { turnEnds } from '../support/turns.ts';

let turn: Turn;
let done: string[];
let faults: unknown[];
beforeEach(() => {
  done = [];
  faults = [];
  turn = new Turn((error) => void faults.push(error));
});

const FAULT = new Error('a fault');
const outbox = (name: string): Flushable => ({ flush: () => void done.push(name) });
const reader = (name: string, lane: string, isReadable = true): Reader => ({
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
