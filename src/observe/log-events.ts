/**
 * All log lines of the relay, each with its level and exact keys (spec section 11). The message of a line is the event
 * name. A test compares `docs/logs.md` with this table.
 */
export type Level = 'info' | 'warn' | 'error';

interface LogEvent {
  readonly level: Level;
  readonly keys: readonly string[];
}

const info = <const K extends readonly string[]>(
  ...keys: K
): { readonly level: 'info'; readonly keys: K } => ({
  level: 'info',
  keys,
});
const warn = <const K extends readonly string[]>(
  ...keys: K
): { readonly level: 'warn'; readonly keys: K } => ({
  level: 'warn',
  keys,
});
const error = <const K extends readonly string[]>(
  ...keys: K
): { readonly level: 'error'; readonly keys: K } => ({ level: 'error', keys });

export const logEvents = {
  starting: info('version', 'mode', 'listen'),
  'starting metrics listener': info('listen'),
  'starting inspect listener': info('listen'),
  'inspect page missing': warn('err'),
  listening: info('listen'),
  'shutdown signal received; draining': info(),
  'shutdown forced': warn('err'),
  'shutdown complete': info(),
  'drain incomplete': warn('err'),
  'SIGHUP ignored': warn('err'),
  'metrics listener left out': warn('addr', 'err'),
  'listener failed': error('addr', 'err'),
  request_refused: warn('listener', 'remote', 'err'),
  connection_not_taken: warn('listener', 'err'),

  server_claimed: info('server_id', 'binary_version', 'remote'),
  server_id_conflict: info('server_id', 'remote'),
  server_id_takeover: info('server_id', 'remote'),
  server_released: info('server_id'),
  server_grace_expired: info('server_id'),
  server_actor_failed: error('server_id', 'err'),

  phone_registered: info('server_id', 'conn_id', 'device_name', 'remote'),
  phone_register_no_server: info('server_id', 'remote'),
  phone_register_at_cap: info('server_id', 'remote'),
  phone_unregistered: info('server_id', 'conn_id'),
  phone_close_notice_send_failed: info('server_id', 'conn_id', 'close_code', 'err'),

  phone_forwarder_read_end: info('server_id', 'conn_id', 'err'),
  phone_forwarder_marshal_err: warn('server_id', 'conn_id', 'err'),
  phone_forwarder_no_binary: info('server_id', 'conn_id'),
  binary_forwarder_read_end: info('server_id', 'binary_conn_id', 'err'),
  binary_forwarder_unmarshal_err: warn('server_id', 'binary_conn_id', 'err'),
  binary_forwarder_push_wake_dropped: warn('server_id', 'binary_conn_id', 'err'),
  binary_forwarder_unknown_conn_id: warn('server_id', 'conn_id'),
  binary_forwarder_phone_enqueue_failed: info('server_id', 'conn_id', 'err'),
  binary_forwarder_phone_send_failed: info('server_id', 'conn_id', 'err'),
  binary_forwarder_close_frame_send_failed: info('server_id', 'conn_id', 'close_code', 'err'),
  binary_forwarder_phone_closed: info('server_id', 'conn_id', 'close_code'),

  heartbeat_timeout: info('server_id', 'conn_id'),
  message_timeout: info('server_id', 'conn_id'),
  message_not_utf8: warn('server_id', 'conn_id'),
  binary_envelopes_broken: warn('server_id', 'conn_id'),
  binary_write_failed: info('server_id', 'conn_id', 'err'),
  protocol_violated: warn('server_id', 'conn_id', 'err'),
  connection_actor_failed: error('server_id', 'conn_id', 'err'),
  effect_failed: error('err'),
} as const satisfies Record<string, LogEvent>;

export type LogEventName = keyof typeof logEvents;

/** Requires all keys of an event and allows no others. */
export type LogFields<E extends LogEventName> = {
  readonly [K in (typeof logEvents)[E]['keys'][number]]: string | number;
};
