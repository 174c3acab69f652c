/** What the gauges read at each scrape, in bytes but for `serverIds`. */
export interface MemoryReadings {
  readonly backlogBytes: () => number;
  readonly backlogLimitBytes: () => number;
  /** Slabs for what is queued. */
  readonly queueMemoryBytes: () => number;
  readonly queueTakenBytes: () => number;
  readonly residentBytes: () => number;
  /** 0 for off. */
  readonly watermarkBytes: () => number;
  /** Those in grace included. */
  readonly serverIds: () => number;
}
