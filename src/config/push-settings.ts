/** Settings of push. */
import { DEFAULT_PUSH_PER_SECOND, MAX_PUSH_PER_SECOND } from '../push/limits.ts';
import { count } from './setting-kinds.ts';

export const pushSettings = {
  pushPerSecond: count(
    {
      flag: 'push-per-second',
      isLive: true,
      summary: 'wakes in all, further ones are dropped; 0 for no limit',
    },
    DEFAULT_PUSH_PER_SECOND,
    0,
    MAX_PUSH_PER_SECOND,
  ),
} as const;
