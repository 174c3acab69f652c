/**
 * Lists that are used once and dropped. A list that two collections of young objects have passed over is old, and once it is dropped V8 takes
 * it for alive until the whole heap is marked: so is all that it lists, for one message the 64 KiB of its read. With 250 binaries that
 * flooded, no read was freed before a marking, and there were three a second (ADR 16).
 */

/** Forgets the entries of a list that nobody will use again. `length = 0` would drop V8's array of them as it is. */
export const forgetEntries = (list: unknown[]): void => {
  list.fill(undefined);
};
