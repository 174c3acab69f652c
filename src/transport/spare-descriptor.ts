import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/**
 * Whether the process may open one more file. Asked after each accept (10 us), because libuv hides that descriptors have run out:
 * it accepts and closes what dials then, and tells nobody.
 */
export const hasSpareDescriptor = (): boolean => {
  try {
    closeSync(openSync(devNull, 'r'));
    return true;
  } catch (error) {
    const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
    // Any other error, a sandbox without this file for example, says nothing about descriptors.
    return code !== 'EMFILE' && code !== 'ENFILE';
  }
};
