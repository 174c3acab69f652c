/** What a reload changes while the relay runs. */
import type { Config } from './settings.ts';

/** Takes effect at once, and does not throw. Returns what has changed, one short text each, never a secret. */
export type Apply = () => readonly string[];

export interface Reloadable {
  /**
   * Reads and checks what it needs, and changes nothing yet.
   * @throws ConfigError if the new settings, or a file that they name, cannot be used
   */
  readonly prepare: (next: Config) => Promise<Apply>;
}
