/** How the daemon has its own process run. A program that embeds the relay decides that for itself. */
import { setFlagsFromString } from 'node:v8';

/**
 * Large frames are memory outside V8's heap, and make it mark the heap many times a second. With helper threads that
 * marking keeps the relay waiting wherever cores are few: a p99 of 11 ms instead of 3 at 1,000 frames of 60 KB a second, and a
 * quarter more CPU at full speed (docs/performance.md).
 */
export const tuneRuntime = (): void => setFlagsFromString('--no-concurrent-marking');
