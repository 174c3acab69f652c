/** Cuts the end off a curve of joined cubic Béziers, to make room for an arrowhead. */

/** @typedef {readonly [x: number, y: number]} Point */

/** Points looked at on each Bézier, and halvings between two of them: to less than a thousandth of a pixel. */
const STEPS = 32;
const HALVINGS = 16;

/** @param {Point} a @param {Point} b @param {number} t @returns {Point} */
const between = ([ax, ay], [bx, by], t) => [ax + (bx - ax) * t, ay + (by - ay) * t];

/** What is left of a Bézier up to `t`, by De Casteljau. @param {readonly Point[]} controls @param {number} t @returns {Point[]} */
const upTo = (controls, t) => {
  const [first, ...rest] = controls;
  if (first === undefined) return [];
  return [
    first,
    ...upTo(
      rest.map((point, n) => between(controls[n] ?? point, point, t)),
      t,
    ),
  ];
};

/**
 * @param {readonly Point[]} points of the joined Béziers: 4, 7, 10, ...
 * @param {number} length in a straight line from the last point
 * @returns {readonly Point[]}
 */
export const trimEnd = (points, length) => {
  const tip = points.at(-1) ?? [0, 0];
  const isFar = (/** @type {readonly Point[]} */ controls, /** @type {number} */ t) => {
    const [x, y] = upTo(controls, t).at(-1) ?? tip;
    return Math.hypot(tip[0] - x, tip[1] - y) >= length;
  };
  for (let first = points.length - 4; first >= 0; first -= 3) {
    const controls = points.slice(first, first + 4);
    for (let step = STEPS - 1; step >= 0; step -= 1) {
      if (!isFar(controls, step / STEPS)) continue;
      let [far, near] = [step / STEPS, (step + 1) / STEPS];
      for (let n = 0; n < HALVINGS; n += 1) {
        const middle = (far + near) / 2;
        if (isFar(controls, middle)) far = middle;
        else near = middle;
      }
      return [...points.slice(0, first), ...upTo(controls, far)];
    }
  }
  return points;
};
