/**
 * All log lines of the relay, each with its level and exact keys (spec section 11). The message of a line is the event
 * name. A test compares `docs/logs.md` with this table.
 */
export type Level = 'info' | 'warn' | 'error';

/**
 * What bounds the lines of an event. `none`: no peer causes them at will. `dials`: a connection causes one or few, and can be
 * dialled again (`LineShares`). `messages`: every message can cause one (`LineShares`). `refusals`: every request can cause one
 * (`RefusalLines`).
 */
export type LineBound = 'none' | 'dials' | 'messages' | 'refusals';

interface LogEvent {
  readonly level: Level;
  readonly keys: readonly string[];
  readonly bound: LineBound;
}

/** Makes events of one bound. */
const boundedBy = <const B extends LineBound>(bound: B) => {
  const of =
    <const L extends Level>(level: L) =>
    <const K extends readonly string[]>(...keys: K) => ({ level, keys, bound });
  return { info: of('info'), warn: of('warn'), error: of('error') };
};

const relay = boundedBy('none');
const dial = boundedBy('dials');
const message = boundedBy('messages');
const refusal = boundedBy('refusals');

export const logEvents = {
  starting: relay.info('version', 'mode', 'listen'),
  'starting challenge listener': relay.info('listen'),
  'starting metrics listener': relay.info('listen'),
  'starting inspect listener': relay.info('listen'),
  'inspect page missing': relay.warn('err'),
  'Stately inspector connected': relay.info(),
  'Stately inspector absent': relay.warn('err'),
  'more privileges than needed': relay.warn('err'),
  'setting ignored': relay.warn('err'),
  'connection limit': relay.info('max_connections', 'reason'),
  'connections exceed descriptors': relay.warn('err'),
  'addresses can be forged': relay.warn('err'),
  listening: relay.info('listen'),
  'shutdown signal received; draining': relay.info(),
  'systemd not told': relay.warn('err'),
  'shutdown forced': relay.warn('err'),
  'shutdown complete': relay.info(),
  'drain incomplete': relay.warn('err'),
  reloaded: relay.info('changed', 'needs_restart'),
  'reload refused': relay.error('err'),
  'metrics listener left out': relay.warn('addr', 'err'),
  'listener failed': relay.error('addr', 'err'),
  memory_watermark_reached: relay.warn('bytes', 'watermark'),
  memory_watermark_left: relay.info('bytes', 'watermark'),
  lines_left_out: relay.warn('event', 'server_id', 'remote', 'lines'),
  request_refused: refusal.warn('listener', 'remote', 'source', 'err'),
  connection_not_taken: refusal.warn('listener', 'remote', 'source', 'err'),
  tls_handshake_failed: refusal.info('remote', 'source', 'err'),
  proxy_header_refused: refusal.warn('remote', 'source', 'err'),
  certificate_loaded: relay.info('expires'),
  certificate_kept: relay.warn('err'),
  certificate_doubtful: relay.warn('err'),
  certificate_expiring: relay.warn('expires'),
  rate_limited: refusal.warn('remote', 'source', 'path'),
  conn_cap_reached: refusal.warn('limit', 'remote', 'source', 'path'),
  admission_refused: refusal.warn('limit', 'remote', 'source', 'path'),
  certificate_issued: relay.info('names', 'expires'),
  certificate_order_failed: relay.warn('names', 'err', 'retry'),
  certificate_order_waits: relay.warn('names', 'retry'),
  certificate_not_kept: relay.error('names', 'err'),
  'tightened cert cache dir perms': relay.info('path', 'from', 'to'),
  cert_cache_file_set_aside: relay.warn('path', 'err'),
  'push off': relay.info('reason'),
  push_quota_exceeded: relay.warn('err'),
  // In full, one for each admitted wake: --push-per-second bounds them.
  push_wake_sent: relay.info('server_id', 'token_fp', 'duration', 'fcm_message_id'),
  push_wake_send_failed: relay.warn('server_id', 'token_fp', 'duration', 'err'),

  server_claimed: dial.info('server_id', 'binary_version', 'remote'),
  server_id_conflict: dial.info('server_id', 'remote'),
  server_id_takeover: dial.info('server_id', 'remote'),
  server_released: dial.info('server_id'),
  server_grace_expired: dial.info('server_id'),
  server_actor_failed: dial.error('server_id', 'err'),

  phone_registered: dial.info('server_id', 'conn_id', 'device_name', 'remote'),
  phone_register_no_server: dial.info('server_id', 'remote'),
  phone_register_at_cap: dial.info('server_id', 'remote'),
  phone_unregistered: dial.info('server_id', 'conn_id'),
  phone_close_notice_send_failed: dial.info('server_id', 'conn_id', 'close_code', 'err'),

  phone_forwarder_read_end: dial.info('server_id', 'conn_id', 'err'),
  phone_forwarder_marshal_err: dial.warn('server_id', 'conn_id', 'err'),
  phone_forwarder_no_binary: dial.info('server_id', 'conn_id'),
  binary_forwarder_read_end: dial.info('server_id', 'binary_conn_id', 'err'),
  binary_forwarder_unmarshal_err: message.warn('server_id', 'binary_conn_id', 'err'),
  binary_forwarder_push_wake_dropped: message.warn('server_id', 'binary_conn_id', 'err'),
  binary_forwarder_unknown_conn_id: message.warn('server_id', 'conn_id'),
  binary_forwarder_phone_enqueue_failed: dial.info('server_id', 'conn_id', 'err'),
  binary_forwarder_phone_send_failed: dial.info('server_id', 'conn_id', 'err'),
  binary_forwarder_close_frame_send_failed: dial.info('server_id', 'conn_id', 'close_code', 'err'),
  binary_forwarder_phone_closed: dial.info('server_id', 'conn_id', 'close_code'),

  heartbeat_timeout: dial.info('server_id', 'conn_id'),
  message_timeout: dial.info('server_id', 'conn_id'),
  message_not_utf8: dial.warn('server_id', 'conn_id'),
  binary_token_revoked: dial.warn('server_id', 'conn_id', 'remote', 'source'),
  control_frames_flood: dial.warn('server_id', 'conn_id'),
  binary_envelopes_broken: dial.warn('server_id', 'conn_id'),
  binary_write_failed: dial.info('server_id', 'conn_id', 'err'),
  protocol_violated: dial.warn('server_id', 'conn_id', 'err'),
  connection_cut_short: dial.info('server_id', 'conn_id', 'err'),
  connection_shed: dial.warn('server_id', 'conn_id', 'remote', 'source', 'limit', 'bytes'),
  connection_actor_failed: dial.error('server_id', 'conn_id', 'err'),
  effect_failed: message.error('err'),
} as const satisfies Record<string, LogEvent>;

export type LogEventName = keyof typeof logEvents;

/** Requires all keys of an event and allows no others. */
export type LogFields<E extends LogEventName> = {
  readonly [K in (typeof logEvents)[E]['keys'][number]]: string | number;
};
