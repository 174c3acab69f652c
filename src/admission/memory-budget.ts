/** What part of the memory the relay may take, where the operator does not say. */

/** A backlog can hold twice what it is charged, and the rest of the process needs as much again. */
const BACKLOG_SHARE = 0.25;
/** The rest is what a collection of garbage and the system need. */
const WATERMARK_SHARE = 0.85;

export interface MemoryBudget {
  /** What all connections together may hold. */
  readonly totalBacklogBytes: number;
  /** Resident memory above which nobody else is let in; 0 for off. */
  readonly watermarkBytes: number;
}

/** Null settings are derived from `memoryBytes`, the limit of the container or the memory of the machine. */
export const memoryBudget = (
  given: { readonly totalBacklogBytes: number | null; readonly memoryWatermarkBytes: number | null },
  memoryBytes: number,
): MemoryBudget => ({
  totalBacklogBytes: given.totalBacklogBytes ?? Math.floor(memoryBytes * BACKLOG_SHARE),
  watermarkBytes: given.memoryWatermarkBytes ?? Math.floor(memoryBytes * WATERMARK_SHARE),
});
