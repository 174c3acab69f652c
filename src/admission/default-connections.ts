/** How many connections a machine can hold, where the operator has not said. */
import {
  CONNECTION_DESCRIPTORS_PERCENT,
  CONNECTION_MEMORY_BYTES,
  CONNECTION_MEMORY_PERCENT,
  MAX_UNFINISHED_CONNECTIONS,
  MIN_UNFINISHED_CONNECTIONS,
  UNFINISHED_DESCRIPTORS_PERCENT,
  UNFINISHED_MEMORY_PERCENT,
} from './limits.ts';

export interface Machine {
  readonly memoryBytes: number;
  /** Undefined where the system does not say. */
  readonly descriptors: number | undefined;
}

/** A number of connections, and why it is this one. */
export interface DerivedCap {
  readonly maxConnections: number;
  readonly reason: string;
}

const percentOf = (whole: number, percent: number): number => Math.floor((whole * percent) / 100);

const mib = (bytes: number): string => `${Math.floor(bytes / 1024 ** 2)} MiB`;

export const defaultConnections = ({ memoryBytes, descriptors }: Machine): DerivedCap => {
  const byMemory = Math.max(
    1,
    Math.floor(percentOf(memoryBytes, CONNECTION_MEMORY_PERCENT) / CONNECTION_MEMORY_BYTES),
  );
  const byDescriptors =
    descriptors === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(1, percentOf(descriptors, CONNECTION_DESCRIPTORS_PERCENT));
  if (byDescriptors <= byMemory) {
    const reason = `${CONNECTION_DESCRIPTORS_PERCENT} % of ${descriptors} file descriptors`;
    return { maxConnections: byDescriptors, reason };
  }
  const share = `${CONNECTION_MEMORY_PERCENT} % of ${mib(memoryBytes)} of memory`;
  return { maxConnections: byMemory, reason: `${share} at ${CONNECTION_MEMORY_BYTES / 1024} KiB each` };
};

/** Whether so many connections may find no file descriptor: each has one, and listeners, logs and half-open dials need some too. */
export const exceedsDescriptors = (maxConnections: number, { descriptors }: Machine): boolean =>
  descriptors !== undefined && maxConnections > percentOf(descriptors, 100 - UNFINISHED_DESCRIPTORS_PERCENT);

/**
 * Connections that may be unfinished at a time. They leave descriptors to the local listeners and the log, and the memory to
 * those that are finished.
 * @param taken connections that are finished
 */
export const maxUnfinished = ({ memoryBytes, descriptors }: Machine, taken: number): number => {
  const byMemory = Math.floor(percentOf(memoryBytes, UNFINISHED_MEMORY_PERCENT) / CONNECTION_MEMORY_BYTES);
  const byDescriptors =
    descriptors === undefined
      ? MAX_UNFINISHED_CONNECTIONS
      : percentOf(descriptors, CONNECTION_DESCRIPTORS_PERCENT + UNFINISHED_DESCRIPTORS_PERCENT) - taken;
  return Math.max(MIN_UNFINISHED_CONNECTIONS, Math.min(MAX_UNFINISHED_CONNECTIONS, byMemory, byDescriptors));
};
