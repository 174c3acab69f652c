/** @param {readonly number[]} values */
export const median = (values) => quantile(values, 0.5);

/**
 * The quantile `q` by nearest rank, without interpolation.
 * @param {readonly number[]} values
 * @param {number} q from 0 to 1
 */
export const quantile = (values, q) => {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1));
  return sorted[rank] ?? Number.NaN;
};

/**
 * Median over rounds of the ratio within each round. Both peers of a round saw the same state of the machine.
 * @param {readonly number[]} ours
 * @param {readonly number[]} theirs
 */
export const ratio = (ours, theirs) => median(ours.map((value, i) => value / (theirs[i] ?? Number.NaN)));
