/** Log lines about one connection: how it left, and what went wrong on it. */
import type { Observation } from '../transport/observation.ts';
import { type LogSink, write } from './log-line.ts';

type AboutConnection = Extract<
  Observation,
  {
    readonly type:
      | 'connection.left'
      | 'connection.failed'
      | 'read.ended'
      | 'protocol.violated'
      | 'connection.cut_short'
      | 'connection.shed'
      | 'token.revoked';
  }
>;

/** Logs causes that no other line reports. The remaining causes are logged where they were decided. */
const logDeparture = (
  sink: LogSink,
  { serverId, connId, role, cause }: Extract<AboutConnection, { readonly type: 'connection.left' }>,
): void => {
  const fields = { server_id: serverId, conn_id: connId };
  switch (cause) {
    case 'heartbeat_timeout':
      write(sink, 'heartbeat_timeout', fields);
      return;
    case 'message_stalled':
      write(sink, 'message_timeout', fields);
      return;
    case 'write_stalled': {
      const event = role === 'phone' ? 'binary_forwarder_phone_send_failed' : 'binary_write_failed';
      write(sink, event, { ...fields, err: 'no write completed in time' });
      return;
    }
    case 'not_json':
      write(sink, 'phone_forwarder_marshal_err', { ...fields, err: 'message is not one JSON value' });
      return;
    case 'not_utf8':
      write(sink, 'message_not_utf8', fields);
      return;
    case 'broken_envelopes':
      write(sink, 'binary_envelopes_broken', fields);
      return;
    case 'control_frames':
      write(sink, 'control_frames_flood', fields);
      return;
    default:
      return;
  }
};

export const logConnection = (sink: LogSink, seen: AboutConnection): void => {
  switch (seen.type) {
    case 'connection.left':
      logDeparture(sink, seen);
      return;
    case 'connection.failed':
      write(sink, 'connection_actor_failed', {
        server_id: seen.serverId,
        conn_id: seen.connId,
        err: seen.err,
      });
      return;
    case 'read.ended':
      if (seen.role === 'phone') {
        write(sink, 'phone_forwarder_read_end', {
          server_id: seen.serverId,
          conn_id: seen.connId,
          err: seen.err,
        });
      } else {
        write(sink, 'binary_forwarder_read_end', {
          server_id: seen.serverId,
          binary_conn_id: seen.connId,
          err: seen.err,
        });
      }
      return;
    case 'protocol.violated':
      write(sink, 'protocol_violated', { server_id: seen.serverId, conn_id: seen.connId, err: seen.code });
      return;
    case 'connection.cut_short':
      // A refused peer could write as many lines as it dials.
      if (seen.wasAdmitted)
        write(sink, 'connection_cut_short', {
          server_id: seen.serverId,
          conn_id: seen.connId,
          err: 'too many closing connections of this server-id',
        });
      return;
    case 'connection.shed':
      write(sink, 'connection_shed', {
        server_id: seen.serverId,
        conn_id: seen.connId,
        remote: seen.remote,
        source: seen.source,
        limit: seen.limit,
        bytes: seen.heldBytes,
      });
      return;
    case 'token.revoked':
      write(sink, 'binary_token_revoked', {
        server_id: seen.serverId,
        conn_id: seen.connId,
        remote: seen.remote,
        source: seen.source,
      });
      return;
  }
};
