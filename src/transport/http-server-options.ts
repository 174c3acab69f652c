import type { ServerOptions } from 'node:http';
import { HEAD_CHECK_INTERVAL_MS, HEAD_TIMEOUT_MS, MAX_HEAD_BYTES } from '../protocol/request-limits.ts';

/** Shared by all listeners (spec section 6, "Timeouts on every listener"). */
export const serverOptions: ServerOptions = {
  headersTimeout: HEAD_TIMEOUT_MS,
  requestTimeout: HEAD_TIMEOUT_MS,
  connectionsCheckingInterval: HEAD_CHECK_INTERVAL_MS,
  maxHeaderSize: MAX_HEAD_BYTES,
  // Our own check says which header is wrong, and counts it.
  requireHostHeader: false,
};
