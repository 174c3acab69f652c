/** Asks the system what the boot checks decide on. */
import { readFileSync } from 'node:fs';
import type { Env } from '../config/read-config.ts';
import type { BootFacts } from './check-boot.ts';

/** Empty if it cannot be read; undefined on another system than Linux. */
const readProcessStatus = (): string | undefined => {
  if (process.platform !== 'linux') return undefined;
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
};

export const readFacts = (env: Env): BootFacts => ({
  env,
  effectiveUid: process.geteuid?.(),
  processStatus: readProcessStatus(),
});
