/** Log lines about dials and requests that were refused before an upgrade. */
import { explainHeaderFault } from '../protocol/routing-headers.ts';
import type { Observation } from '../transport/observation.ts';
import { type LogSink, write } from './log-line.ts';

type Refused = Extract<
  Observation,
  {
    readonly type:
      | 'request.refused'
      | 'upgrade.refused'
      | 'admission.refused'
      | 'connection.not_taken'
      | 'tls.failed'
      | 'proxy_header.refused';
  }
>;

const logAdmission = (
  sink: LogSink,
  { limit, remote, source, path }: Extract<Refused, { readonly type: 'admission.refused' }>,
): void => {
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

export const logRefusals = (sink: LogSink, seen: Refused): void => {
  switch (seen.type) {
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
  }
};
