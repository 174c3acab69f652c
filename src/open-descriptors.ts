import { readdirSync, statSync } from 'node:fs';

const DIRECTORY = '/proc/self/fd';

let lastCount: number | undefined;

/** Files that this process has open. The last count, if it has none left to count with; undefined where the system does not say. */
export const openDescriptors = (): number | undefined => {
  try {
    // The size of this directory is the count since Linux 6.2, and 0 before. Listing 30,000 files takes milliseconds.
    const { size } = statSync(DIRECTORY);
    // The listing has one of its own.
    lastCount = size > 0 ? size : readdirSync(DIRECTORY).length - 1;
  } catch {
    // EMFILE, or a system without it.
  }
  return lastCount;
};
