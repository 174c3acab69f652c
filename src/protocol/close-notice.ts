const encoder = new TextEncoder();

/**
 * Close notice: tells a binary that one of its phones has disconnected (spec section 2, "Close notice semantics").
 * It has no `frame` key, because daemons older than the notice would decode even a null frame.
 */
export const encodeCloseNotice = (connId: string, closeCode: number): Uint8Array =>
  encoder.encode(`{"conn_id":${JSON.stringify(connId)},"close_code":${closeCode}}`);
