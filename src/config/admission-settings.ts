/** Settings of who gets in. */
import { DEFAULT_RATE_BURST, DEFAULT_RATE_EVERY_MS, DEFAULT_RESERVED_PERCENT } from '../admission/limits.ts';
import { count, duration, optional, type Setting } from './setting-kinds.ts';

/** A share of 100 % would lock the other role out. */
const MAX_PERCENT = 99;
/** More in a burst is no limit. */
const MAX_BURST = 10_000;

export const admissionSettings = {
  rateBurst: count(
    { flag: 'rate-burst', isLive: true, summary: 'dials of one address at once, else 429; 0 for no limit' },
    DEFAULT_RATE_BURST,
    0,
    MAX_BURST,
  ),
  rateEveryMs: duration(
    { flag: 'rate-every', isLive: true, summary: 'time in which an address gains one dial' },
    DEFAULT_RATE_EVERY_MS,
  ),
  maxConnections: optional(
    count(
      {
        flag: 'max-connections',
        isLive: true,
        summary: 'connections in all, else 503; by default what fits',
      },
      1,
      1,
    ),
  ),
  maxConnectionsPerIp: count(
    { flag: 'max-connections-per-ip', isLive: true, summary: 'of one address, else 429; 0 for no cap' },
    0,
  ),
  reservedBinaries: count(
    {
      flag: 'reserved-binaries',
      isLive: true,
      summary: 'per cent of these that only binaries get',
    },
    DEFAULT_RESERVED_PERCENT,
    0,
    MAX_PERCENT,
  ),
  reservedPhones: count(
    { flag: 'reserved-phones', isLive: true, summary: 'per cent that only phones get' },
    DEFAULT_RESERVED_PERCENT,
    0,
    MAX_PERCENT,
  ),
  binaryTokens: {
    flag: 'binary-tokens',
    isLive: true,
    summary: 'only binaries with a token of this file, else 401',
    takes: 'the name of a file with hashes of tokens, as "pyrycode-relay token" prints them',
    placeholder: 'FILE',
    read: (text: string) => text,
    check: (value: unknown) => {
      if (value === null) return null;
      return typeof value === 'string' && value !== '' ? value : undefined;
    },
    fallback: null,
    fallbackText: '',
  } satisfies Setting<string | null>,
} as const;
