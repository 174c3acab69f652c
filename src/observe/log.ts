/** Maps observations to log lines. Some observations are not logged. */
import { explainHeaderFault } from '../protocol/routing-headers.ts';
import type { Observation } from '../transport/observation.ts';
import { logCertificate } from './log-certificate.ts';
import { type LogSink, write } from './log-line.ts';
import { logPush } from './log-push.ts';

type Of<T extends Observation['type']> = Observation & { readonly type: T };

const logRefusal = (
  sink: LogSink,
  { type, serverId, remote, closeCode }: Of<'binary.refused' | 'phone.refused'>,
) => {
  const fields = { server_id: serverId, remote };
  if (type === 'binary.refused' && closeCode === 4409) write(sink, 'server_id_conflict', fields);
  if (type === 'phone.refused' && closeCode === 4404) write(sink, 'phone_register_no_server', fields);
  if (type === 'phone.refused' && closeCode === 4429) write(sink, 'phone_register_at_cap', fields);
};

const logAdmission = (sink: LogSink, { limit, remote, source, path }: Of<'admission.refused'>): void => {
  switch (limit) {
    case 'rate':
      write(sink, 'rate_limited', { remote, source, path });
      return;
    case 'max_connections':
    case 'max_connections_per_ip':
    case 'reserved':
      write(sink, 'conn_cap_reached', { limit, remote, source, path });
      return;
    default:
      write(sink, 'admission_refused', { limit, remote, source, path });
  }
};

/** Logs causes that no other line reports. The remaining causes are logged where they were decided. */
const logDeparture = (sink: LogSink, { serverId, connId, role, cause }: Of<'connection.left'>): void => {
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

const logDismissal = (
  sink: LogSink,
  { serverId, connId, closeCode, isLegal }: Of<'phone.dismissed'>,
): void => {
  const fields = { server_id: serverId, conn_id: connId, close_code: closeCode };
  if (isLegal) write(sink, 'binary_forwarder_phone_closed', fields);
  else {
    write(sink, 'binary_forwarder_close_frame_send_failed', {
      ...fields,
      err: 'close code may not go on the wire',
    });
  }
};

export const logObservation = (sink: LogSink, seen: Observation): void => {
  switch (seen.type) {
    case 'binary.admitted': {
      const fields = { server_id: seen.serverId, remote: seen.remote };
      if (seen.kind === 'takeover') write(sink, 'server_id_takeover', fields);
      write(sink, 'server_claimed', { ...fields, binary_version: seen.binaryVersion });
      return;
    }
    case 'binary.refused':
    case 'phone.refused':
      logRefusal(sink, seen);
      return;
    case 'phone.admitted':
      write(sink, 'phone_registered', {
        server_id: seen.serverId,
        conn_id: seen.connId,
        device_name: seen.deviceName,
        remote: seen.remote,
      });
      return;
    case 'grace.started':
      write(sink, 'server_released', { server_id: seen.serverId });
      return;
    case 'grace.expired':
      write(sink, 'server_grace_expired', { server_id: seen.serverId });
      return;
    case 'server.failed':
      write(sink, 'server_actor_failed', { server_id: seen.serverId, err: seen.err });
      return;
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
    case 'phone.ended':
      write(sink, 'phone_unregistered', { server_id: seen.serverId, conn_id: seen.connId });
      return;
    case 'phone.unheard':
      write(sink, 'phone_forwarder_no_binary', { server_id: seen.serverId, conn_id: seen.connId });
      return;
    case 'phone.dismissed':
      logDismissal(sink, seen);
      return;
    case 'notice.lost':
      write(sink, 'phone_close_notice_send_failed', {
        server_id: seen.serverId,
        conn_id: seen.connId,
        close_code: seen.closeCode,
        err: 'the binary is gone',
      });
      return;
    case 'envelope.dropped':
      write(sink, 'binary_forwarder_unmarshal_err', {
        server_id: seen.serverId,
        binary_conn_id: seen.connId,
        err: seen.fault,
      });
      return;
    case 'envelope.push_wake':
    case 'wake.ended':
    case 'push.quota_exceeded':
      logPush(sink, seen);
      return;
    case 'envelope.unknown_conn':
      write(sink, 'binary_forwarder_unknown_conn_id', { server_id: seen.serverId, conn_id: seen.connId });
      return;
    case 'envelope.refused':
      write(sink, 'binary_forwarder_phone_enqueue_failed', {
        server_id: seen.serverId,
        conn_id: seen.connId,
        err: 'phone backlog full',
      });
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
    case 'memory.reached':
    case 'memory.left': {
      const event = seen.type === 'memory.reached' ? 'memory_watermark_reached' : 'memory_watermark_left';
      write(sink, event, { bytes: seen.residentBytes, watermark: seen.watermarkBytes });
      return;
    }
    case 'event.undeliverable':
      write(sink, 'effect_failed', { err: `no ${seen.to} to take ${seen.event}` });
      return;
    case 'request.refused':
      if (seen.explanation === '') return;
      write(sink, 'request_refused', {
        listener: seen.listener,
        remote: seen.remote,
        source: seen.source,
        err: seen.explanation,
      });
      return;
    case 'upgrade.refused':
      write(sink, 'request_refused', {
        listener: 'public',
        remote: seen.remote,
        source: seen.source,
        err: explainHeaderFault(seen.fault),
      });
      return;
    case 'admission.refused':
      logAdmission(sink, seen);
      return;
    case 'connection.not_taken':
      write(sink, 'connection_not_taken', {
        listener: seen.listener,
        remote: seen.remote,
        source: seen.source,
        err: seen.err,
      });
      return;
    case 'tls.failed':
      // Port scanners, and health checks of load balancers.
      if (seen.fault !== 'ended')
        write(sink, 'tls_handshake_failed', { remote: seen.remote, source: seen.source, err: seen.fault });
      return;
    case 'proxy_header.refused':
      write(sink, 'proxy_header_refused', { remote: seen.remote, source: seen.source, err: seen.fault });
      return;
    case 'certificate.loaded':
    case 'certificate.kept':
    case 'certificate.doubtful':
    case 'certificate.expiring':
    case 'certificate.issued':
    case 'certificate.order_failed':
    case 'certificate.order_waits':
    case 'certificate.not_kept':
    case 'cert_cache.tightened':
    case 'cert_cache.set_aside':
      logCertificate(sink, seen);
      return;
    case 'effect.failed':
      write(sink, 'effect_failed', { err: seen.err });
      return;
    case 'phone.paused':
    case 'phone.resumed':
    case 'frame.sampled':
    case 'close.sent':
    case 'close.received':
    case 'reload.ended':
    case 'sender.throttled':
    case 'notice.sent':
  }
};
