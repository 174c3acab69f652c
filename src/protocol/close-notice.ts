const encoder = new TextEncoder();

/**
 * Tells a binary that one of its phones has gone (spec section 2, "Close notice semantics"). It has no `frame` key
 * at all: daemons older than the notice would decode one.
 */
export const encodeCloseNotice = (connId: string, closeCode: number): Uint8Array =>
  encoder.encode(`{"conn_id":${JSON.stringify(connId)},"close_code":${closeCode}}`);
