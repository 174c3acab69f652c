/** How many handshakes are begun in one turn of the event loop, and who waits. */
import { describe, expect, test } from 'vitest';
import { HandshakeTurns } from '../../src/transport/handshake-turns.ts';

const PER_TURN = 4;

const start = (share = 0) => {
  const begun: number[] = [];
  const errors: unknown[] = [];
  const turns = new HandshakeTurns({ perTurn: PER_TURN, share, failed: (error) => errors.push(error) });
  const add = (n: number, act: () => void = () => {}): (() => void) => {
    const begin = (): void => {
      begun.push(n);
      act();
    };
    turns.add(begin);
    return begin;
  };
  return { turns, begun, errors, add };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('of a storm a few are begun in each turn, in order of arrival', async () => {
  const { begun, add } = start();
  for (let n = 0; n < 10; n++) add(n);
  expect(begun).toEqual([0, 1, 2, 3]);
  await turn();
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  // Those that have waited go before those that come now.
  add(10);
  await turn();
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('what is begun for those that have waited counts in the turn that follows', async () => {
  const { begun, add } = start();
  for (let n = 0; n < 8; n++) add(n);
  await turn();
  expect(begun).toHaveLength(8);
  add(8);
  expect(begun).toHaveLength(8);
  await turn();
  expect(begun).toHaveLength(9);
});

test('after a quiet turn the next is begun at once', async () => {
  const { begun, add } = start();
  for (let n = 0; n < 4; n++) add(n);
  await turn();
  add(4);
  expect(begun).toHaveLength(5);
});

describe('the others are begun all the same', () => {
  test('if one has left, in its place', async () => {
    const { turns, begun, add } = start();
    const begins = Array.from({ length: 9 }, (_, n) => add(n));
    for (const begin of begins.slice(4, 8)) turns.remove(begin);
    await turn();
    expect(begun).toEqual([0, 1, 2, 3, 8]);
  });

  test('if one throws', async () => {
    const { begun, errors, add } = start();
    for (let n = 0; n < 5; n++) add(n);
    add(5, () => {
      throw new Error('broken');
    });
    for (let n = 6; n < 10; n++) add(n);
    await turn();
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(errors).toEqual([new Error('broken')]);
  });
});

test('of very many a share is begun in each turn, so that the last do not wait for long', async () => {
  const { begun, add } = start(1 / 4);
  for (let n = 0; n < 104; n++) add(n);
  expect(begun).toHaveLength(4);
  await turn();
  expect(begun).toHaveLength(29);
  for (let turns = 0; turns < 12; turns++) await turn();
  expect(begun).toEqual(Array.from({ length: 104 }, (_, n) => n));
});
