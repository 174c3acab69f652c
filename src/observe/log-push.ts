/** Log lines about wakes. None has a token: only the first digits of its hash. */
import type { WakeRefusal } from '../push/wake-gate.ts';
import type { Observation } from '../transport/observation.ts';
import { type LogSink, write } from './log-line.ts';

type AboutPush = Extract<
  Observation,
  { readonly type: 'envelope.push_wake' | 'wake.ended' | 'push.quota_exceeded' }
>;

const WHY: Readonly<Record<WakeRefusal, string>> = {
  push_off: 'push off',
  malformed: 'malformed push_wake',
  platform: 'platform not supported',
  empty_token: 'token is empty',
  long_token: 'token is too long',
  rate: 'too many wakes of this server-id',
  dead_token: 'token is unregistered',
  ceiling: 'too many wakes per second',
  in_flight: 'too many wakes in flight',
};

export const logPush = (sink: LogSink, seen: AboutPush): void => {
  switch (seen.type) {
    case 'envelope.push_wake':
      write(sink, 'binary_forwarder_push_wake_dropped', {
        server_id: seen.serverId,
        binary_conn_id: seen.connId,
        err: WHY[seen.refusal],
      });
      return;
    case 'wake.ended': {
      const { serverId, fingerprint, end, ms } = seen;
      const fields = { server_id: serverId, token_fp: fingerprint, duration: `${Math.round(ms)}ms` };
      if (end.outcome === 'sent')
        write(sink, 'push_wake_sent', { ...fields, fcm_message_id: end.messageId ?? '' });
      else write(sink, 'push_wake_send_failed', { ...fields, err: end.reason });
      return;
    }
    case 'push.quota_exceeded':
      if (seen.isNews) write(sink, 'push_quota_exceeded', { err: seen.err });
  }
};
