/** Sockets that end together: their charts are told in slices, in order, and none is forgotten. */
import { beforeEach, expect, test } from 'vitest';
import { END_SLICE_MS } from '../../src/protocol/limits.ts';
import { EndSlices } from '../../src/transport/end-slices.ts';
import { turnEnds } from '../support/turns.ts';

const ENDED = { type: 'socket.ended', closeCode: 1006 } as const;
const EACH_MS = END_SLICE_MS / 4;

let nowMs: number;
let told: number[];
let faults: unknown[];
let ends: EndSlices;
beforeEach(() => {
  nowMs = 0;
  told = [];
  faults = [];
  ends = new EndSlices(
    (error) => void faults.push(error),
    () => nowMs,
  );
});

const end = (name: number, act = (): void => {}): void =>
  ends.send(
    {
      send: (event) => {
        expect(event).toEqual(ENDED);
        nowMs += EACH_MS;
        told.push(name);
        act();
      },
    },
    ENDED,
  );

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test('a few are told at once', () => {
  for (const name of upTo(3)) end(name);
  expect(told).toEqual(upTo(3));
});

test('many are told in slices, and other events of the loop come between', async () => {
  const slice = END_SLICE_MS / EACH_MS;
  for (const name of upTo(3 * slice)) end(name);
  expect(told).toEqual(upTo(slice));
  await turnEnds();
  expect(told).toEqual(upTo(2 * slice));
  await turnEnds();
  expect(told).toEqual(upTo(3 * slice));
  await turnEnds();
  end(99);
  expect(told.at(-1)).toBe(99);
});

test('one that ends while others wait is told behind them', async () => {
  const slice = END_SLICE_MS / EACH_MS;
  for (const name of upTo(2 * slice)) end(name);
  end(2 * slice);
  await turnEnds();
  await turnEnds();
  expect(told).toEqual(upTo(2 * slice + 1));
});

test('each turn has a whole slice', async () => {
  const slice = END_SLICE_MS / EACH_MS;
  for (const name of upTo(slice - 1)) end(name);
  await turnEnds();
  for (const name of upTo(slice)) end(slice - 1 + name);
  expect(told).toEqual(upTo(2 * slice - 1));
});

test('a chart that throws does not keep the others from being told', async () => {
  const fault = new Error('a fault');
  const slice = END_SLICE_MS / EACH_MS;
  for (const name of upTo(slice + 2))
    end(name, () => {
      if (name === 0 || name === slice) throw fault;
    });
  await turnEnds();
  expect(told).toEqual(upTo(slice + 2));
  expect(faults).toEqual([fault, fault]);
});
