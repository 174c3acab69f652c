/** What this machine or container gives the process. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** The limit of the container, or the memory of the machine. */
export const memoryLimitBytes = (): number => {
  const totalBytes = totalmem();
  // 0 without a limit, and a huge number for "no limit" in cgroup v1.
  const limitBytes = process.constrainedMemory();
  return limitBytes > 0 && limitBytes < totalBytes ? limitBytes : totalBytes;
};

/** The most files this process may have open; undefined where the system does not say. */
export const descriptorLimit = (): number | undefined => {
  try {
    const [, soft = ''] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === '' ? undefined : Number(soft);
  } catch {
    return undefined;
  }
};
