/** The flag that was meant, for an error about one that there is not. */

const MAX_DISTANCE = 2;

/** Letters that are inserted, left out or exchanged to make `right` of `left` (Levenshtein). */
const distance = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (const [index, letter] of Array.from(left).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(right).entries()) {
      const [above = 0, before = 0, diagonal = 0] = [row[column + 1], next[column], row[column]];
      next.push(Math.min(above + 1, before + 1, diagonal + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};

/**
 * @param given as it was typed, with or without dashes
 * @param known without dashes
 */
export const nearestFlag = (given: string, known: Iterable<string>): string | undefined => {
  const typed = given
    .replace(/^-{1,2}/, '')
    .toLowerCase()
    .replaceAll('_', '-');
  // Of a short one, two letters are too much: each flag of two letters would be near -v.
  const farthest = Math.min(MAX_DISTANCE, Math.floor(typed.length / 3));
  let best: { readonly flag: string; readonly away: number } | undefined;
  for (const flag of known) {
    // A flag may be as long as a command line: only what can be near is compared.
    if (Math.abs(flag.length - typed.length) > farthest) continue;
    const away = distance(typed, flag);
    if (away <= farthest && away < (best?.away ?? Infinity)) best = { flag, away };
  }
  return best?.flag;
};

/** ` (did you mean --FLAG?)`, or nothing if none is near. The parameters are those of `nearestFlag`. */
export const suggestion = (given: string, known: Iterable<string>): string => {
  const flag = nearestFlag(given, known);
  return flag === undefined ? '' : ` (did you mean --${flag}?)`;
};
