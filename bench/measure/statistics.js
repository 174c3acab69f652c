/** @param {readonly number[]} values */
export const median = (values) => quantile(values, 0.5);

/**
 * The value below which the share `q` of all lies: the nearest rank, never interpolated.
 * @param {readonly number[]} values
 * @param {number} q from 0 to 1
 */
export const quantile = (values, q) => {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1));
  return sorted[rank] ?? Number.NaN;
};

/**
 * The median over rounds of what each round gives when one is divided by the other: two peers of one round met the same machine.
 * @param {readonly number[]} ours
 * @param {readonly number[]} theirs
 */
export const ratio = (ours, theirs) => median(ours.map((value, i) => value / (theirs[i] ?? Number.NaN)));
