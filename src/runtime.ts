/** How the daemon has its own process run. A program that embeds the relay decides that for itself. */
import { setFlagsFromString } from 'node:v8';

/**
 * V8 marks the heap when the heap and the memory of its buffers reach about four times what was alive at the last marking,
 * and collects young buffers only after 32 MiB of them. The heap of a small relay is 8 MB, so that frames of 4 KB alone had it
 * marked eight times a second; with this added, hardly ever (ADR 9).
 */
const BALLAST_BYTES = 8 * 1_024 * 1_024;

/** Whatever is in here is never read: it only has to stay. */
const ballast: string[] = [];

const addBallast = (): void => {
  // Characters are no references, so that there is nothing in it to mark.
  const characters = ' '.repeat(BALLAST_BYTES);
  // Until one of them is asked for, V8 keeps a short note of how to make them.
  characters.charCodeAt(0);
  ballast[0] = characters;
};

/**
 * Large frames are memory outside V8's heap, and make it mark the heap many times a second. With helper threads that
 * marking keeps the relay waiting wherever cores are few: a p99 of 11 ms instead of 3 at 1,000 frames of 60 KB a second, and a
 * quarter more CPU at full speed (docs/performance.md).
 */
export const tuneRuntime = (): void => {
  setFlagsFromString('--no-concurrent-marking');
  addBallast();
};
