import type { Census } from './census.ts';

/** The body of `/healthz`: one line of JSON in a fixed key order, which is part of the contract (spec section 6). */
export const healthBody = (census: Census, version: string, uptimeMs: number): string =>
  JSON.stringify({
    status: 'ok',
    version,
    connected_binaries: census.binaries,
    connected_phones: census.phones,
    uptime_seconds: Math.floor(uptimeMs / 1000),
  });
