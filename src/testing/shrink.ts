/** Takes steps away from a failing sequence for as long as it still fails. */

/** Enough for a walk of hundreds of steps; a program that fails only now and then would shrink for ever. */
const MOST_ATTEMPTS = 2_000;

/** Up to this length, every two steps are tried together: two that need each other cannot be taken away one by one. */
const LONGEST_FOR_PAIRS = 24;

/**
 * Halves first, then ever smaller parts, then single steps and pairs.
 * @param fails whether the sequence without some steps still fails
 * @returns the shortest one found
 */
export const shrink = async <T>(
  sequence: readonly T[],
  fails: (fewer: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> => {
  let shortest = sequence;
  let attempts = 0;
  const accept = async (fewer: readonly T[]): Promise<boolean> => {
    if (++attempts > MOST_ATTEMPTS || !(await fails(fewer))) return false;
    shortest = fewer;
    return true;
  };
  const withoutParts = async (size: number): Promise<boolean> => {
    let hasShrunk = false;
    // From the end: a failing step is the last one, and what follows it goes first.
    for (let from = shortest.length - size; from > -size; from -= size) {
      const start = Math.max(from, 0);
      const end = from + size;
      if (await accept(shortest.filter((_, i) => i < start || i >= end))) hasShrunk = true;
    }
    return hasShrunk;
  };
  const withoutPair = async (): Promise<boolean> => {
    if (shortest.length > LONGEST_FOR_PAIRS) return false;
    for (let a = 0; a < shortest.length; a++) {
      for (let b = a + 2; b < shortest.length; b++) {
        if (await accept(shortest.filter((_, i) => i !== a && i !== b))) return true;
      }
    }
    return false;
  };
  for (let size = Math.ceil(sequence.length / 2); size > 1; size = Math.floor(size / 2))
    await withoutParts(size);
  let hasShrunk = true;
  while (hasShrunk) hasShrunk = (await withoutParts(1)) || (await withoutPair());
  return shortest;
};
