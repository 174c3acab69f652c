import type { ServerOptions } from 'node:http';
import {
  HEAD_CHECK_INTERVAL_MS,
  HEAD_TIMEOUT_MS,
  KEEP_ALIVE_TIMEOUT_MS,
  MAX_HEAD_BYTES,
  REQUEST_TIMEOUT_MS,
} from '../protocol/limits.ts';

/** The same for every listener (spec section 6, "Timeouts on every listener"). */
export const serverOptions: ServerOptions = {
  headersTimeout: HEAD_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  connectionsCheckingInterval: HEAD_CHECK_INTERVAL_MS,
  maxHeaderSize: MAX_HEAD_BYTES,
};
