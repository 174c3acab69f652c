/** What phones and binaries dial: plain, or with TLS, with the same routes behind it. */
import type { Server } from 'node:http';
import type { Entrance } from '../admission/entrance.ts';
import { HANDSHAKES_PER_TURN } from '../protocol/tls-limits.ts';
import type { AcceptStage } from './accept-stages.ts';
import type { CertificateSource } from './certificate-source.ts';
import type { DataPlane } from './data-plane.ts';
import { HandshakeTurns } from './handshake-turns.ts';
import { helloStage } from './hello-stage.ts';
import { createListener, type ListenerOptions } from './listener.ts';
import { describeError } from './observation.ts';
import { type ProxyHeaderOptions, proxyHeaderStage } from './proxy-header-stage.ts';
import { type TlsStageOptions, tlsStage } from './tls-stage.ts';
import type { UnfinishedConnections } from './unfinished-connections.ts';

export interface PublicOptions {
  /** Undefined for plain HTTP. */
  readonly certificates: CertificateSource | undefined;
  /** Whether each connection begins with a PROXY header. */
  readonly hasProxyHeader: boolean;
  /** Host names that are served, in lower case. Undefined for any. */
  readonly hosts: readonly string[] | undefined;
  readonly maxFrameBytes: number;
  readonly health: () => string;
  readonly entrance: Entrance;
  readonly unfinished: UnfinishedConnections;
  readonly memory: ListenerOptions['memory'];
}

const tlsStages = (
  { observer }: DataPlane,
  certificates: CertificateSource,
  entrance: Entrance,
): readonly AcceptStage[] => {
  const onFailed: TlsStageOptions['onFailed'] = (fault, { address: remote, source }) =>
    observer.observe({ type: 'tls.failed', fault, remote, source });
  const turns = new HandshakeTurns({
    perTurn: HANDSHAKES_PER_TURN,
    failed: (error) => observer.observe({ type: 'effect.failed', err: describeError(error) }),
  });
  const hello = helloStage({
    turns,
    mayShakeHands: (peer) => entrance.mayShakeHands(peer),
    onTooOften: ({ address: remote, source }) =>
      observer.observe({ type: 'admission.refused', limit: 'handshake_rate', remote, source, path: '' }),
    onSilent: onFailed,
  });
  return [hello, tlsStage({ certificates, turns, onFailed })];
};

export const createPublicListener = (plane: DataPlane, options: PublicOptions): Server => {
  const { certificates, hasProxyHeader, hosts, ...others } = options;
  const { observer } = plane;
  const isTrusted: ProxyHeaderOptions['isTrusted'] = (address) => others.entrance.mayNameClients(address);
  const onNamed: ProxyHeaderOptions['onNamed'] = (socket) => others.unfinished.regroup(socket);
  const onRefused: ProxyHeaderOptions['onRefused'] = (fault, remote) =>
    observer.observe({ type: 'proxy_header.refused', fault, remote, source: 'socket' });
  const stages = [
    ...(hasProxyHeader ? [proxyHeaderStage({ isTrusted, onNamed, onRefused })] : []),
    ...(certificates === undefined ? [] : tlsStages(plane, certificates, others.entrance)),
  ];
  return createListener(plane, { ...others, stages, ...(hosts !== undefined && { hosts }) });
};
