/** Maps observations to log lines. Some observations are not logged. */
import type { Observation } from '../transport/observation.ts';
import { logCertificate } from './log-certificate.ts';
import { logConnection } from './log-connection.ts';
import { type LogSink, write } from './log-line.ts';
import { logPush } from './log-push.ts';
import { logRefusals } from './log-refusals.ts';

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
    case 'connection.failed':
    case 'read.ended':
    case 'protocol.violated':
    case 'connection.cut_short':
    case 'connection.shed':
    case 'token.revoked':
      logConnection(sink, seen);
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
    case 'upgrade.refused':
    case 'admission.refused':
    case 'connection.not_taken':
    case 'tls.failed':
    case 'proxy_header.refused':
      logRefusals(sink, seen);
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
    case 'readers.rested':
    case 'sender.throttled':
    case 'notice.sent':
  }
};
