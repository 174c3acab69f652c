/** Round trips, summed up. */
import type { RoundTrip, Starter } from './probe-session.ts';

export interface RoundTripTimes {
  readonly from: Starter;
  readonly bytes: number;
  readonly count: number;
  readonly p50Ms: number;
  /** Of fewer than a hundred, the longest. */
  readonly p99Ms: number;
}

/** By nearest rank, so that it is one that was measured. */
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? 0;

export const quantilesOf = (measured: readonly number[]) => {
  const sorted = measured.toSorted((a, b) => a - b);
  return { count: sorted.length, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
};

/** One entry for each size and side, in the order in which they were measured. */
export const timesOf = (trips: readonly RoundTrip[]): RoundTripTimes[] => {
  const groups = new Map<string, RoundTrip[]>();
  for (const trip of trips) {
    const key = `${trip.from} ${trip.bytes}`;
    groups.set(key, [...(groups.get(key) ?? []), trip]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined
      ? []
      : [{ from: first.from, bytes: first.bytes, ...quantilesOf(group.map(({ ms }) => ms)) }];
  });
};
