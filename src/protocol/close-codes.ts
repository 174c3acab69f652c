/** Close codes and reasons that the relay itself chooses (spec section 1, "All close codes"). */

export interface Close {
  /** WebSocket close code, RFC 6455 section 7.4. */
  readonly closeCode: number;
  /** At most 123 bytes. Constant texts only: a reason never carries input. */
  readonly reason: string;
}

export const NO_SERVER: Close = { closeCode: 4404, reason: 'no server with that id' };
export const BINARY_RECLAIMED: Close = { closeCode: 4404, reason: 'binary reclaimed server-id' };
export const SERVER_ID_CLAIMED: Close = { closeCode: 4409, reason: 'server-id already claimed' };
/** The reason omits the number, which would reveal the cap to an attacker. */
export const TOO_MANY_PHONES: Close = { closeCode: 4429, reason: 'too many phones for server-id' };
export const HEARTBEAT_TIMEOUT: Close = { closeCode: 1011, reason: 'heartbeat timeout' };
export const PHONE_BACKLOG_FULL: Close = { closeCode: 1011, reason: 'phone backlog full' };
export const PHONE_WRITE_FAILED: Close = { closeCode: 1011, reason: 'phone write failed' };
export const BINARY_WRITE_FAILED: Close = { closeCode: 1011, reason: 'binary write failed' };
export const BINARY_BACKLOG_FULL: Close = { closeCode: 1011, reason: 'binary backlog full' };
/** All connections together hold more than the relay may keep, and this one holds most. */
export const RELAY_BACKLOG_FULL: Close = { closeCode: 1011, reason: 'relay backlog full' };
export const ILLEGAL_CLOSE_CODE: Close = { closeCode: 1011, reason: 'illegal close code' };
export const INTERNAL_ERROR: Close = { closeCode: 1011, reason: 'internal error' };
export const SHUTTING_DOWN: Close = { closeCode: 1001, reason: 'shutting down' };
/** A phone's message is not exactly one JSON value. Spec section 2 sets the code and an empty reason. */
export const NOT_JSON: Close = { closeCode: 1000, reason: '' };
export const NOT_UTF8: Close = { closeCode: 1007, reason: '' };
/** A binary's flood of envelopes that cannot be read: a policy violation (RFC 6455 section 7.4.1). */
export const TOO_MANY_CONTROL_FRAMES: Close = { closeCode: 1008, reason: 'too many pings or pongs' };
export const TOO_MANY_BROKEN_ENVELOPES: Close = { closeCode: 1008, reason: 'too many broken envelopes' };

/** The operator has taken the binary's token back. */
export const TOKEN_REVOKED: Close = { closeCode: 1008, reason: 'token revoked' };

/** Close notice code for a phone whose connection ended without a close frame (spec section 2). */
export const GOING_AWAY_CODE = 1001;
/** Reported by WebSocket libraries when TCP ends without a close frame. Never sent (RFC 6455 section 7.4.1). */
export const ABNORMAL_CLOSURE_CODE = 1006;

const isReserved = (code: number): boolean => code >= 1004 && code <= 1006;

/** Whether a close frame may carry this code: 1000-1014 except 1004-1006, and 3000-4999 (RFC 6455 section 7.4). */
export const maySendCloseCode = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && !isReserved(code)) || (code >= 3000 && code <= 4999);
