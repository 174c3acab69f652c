/** Changes the settings of a running relay: everything that can change, or nothing (ADR 13). */
import { isDeepStrictEqual } from 'node:util';
import type { Reloadable } from './reloadable.ts';
import type { Setting } from './setting-kinds.ts';
import { type Config, settingNames, settings } from './settings.ts';

export interface Reloaded {
  /** What has changed, one short text each, never a secret. */
  readonly changed: readonly string[];
  /** The flags, with their dashes, whose new values wait for a restart. */
  readonly needRestart: readonly string[];
}

const isLive = ({ isLive: live = false }: Setting<unknown>): boolean => live;

const flagsThatNeedRestart = (running: Config, next: Config): string[] =>
  settingNames
    .filter((name) => !isLive(settings[name]) && !isDeepStrictEqual(running[name], next[name]))
    .map((name) => `--${settings[name].flag}`);

/** @param running the settings that the relay was started with */
export const createReload = (running: Config, reloadables: readonly Reloadable[]) => {
  /** Resolves when the last reload has ended: two of them at once could leave half of each in force. */
  let ended: Promise<void> = Promise.resolve();
  /** @throws ConfigError if a part refuses the new settings; nothing has changed then */
  return async (next: Config): Promise<Reloaded> => {
    const previousEnded = ended;
    let end = (): void => {};
    ended = new Promise((resolve) => {
      end = resolve;
    });
    await previousEnded;
    try {
      const applies = await Promise.all(reloadables.map(({ prepare }) => prepare(next)));
      return {
        changed: applies.flatMap((apply) => apply()),
        needRestart: flagsThatNeedRestart(running, next),
      };
    } finally {
      end();
    }
  };
};
