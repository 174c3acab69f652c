/** Opens every listener that the settings ask for, one after the other. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from './config/settings.ts';
import { httpsAddress } from './config/tls-rules.ts';
import { type LogSink, write } from './observe/log-line.ts';
import type { OpenListeners } from './open-listeners.ts';
import type { Started } from './relay-interface.ts';
import type { Tls } from './tls.ts';
import { type DataPlane, listenerHooks } from './transport/data-plane.ts';
import type { ListenerHooks } from './transport/http-listener.ts';
import type { ListenAddress } from './transport/listening.ts';
import { createPublicListener, type PublicOptions } from './transport/public-listener.ts';

const LOOPBACK: ListenAddress = { host: '127.0.0.1', port: 0 };

/** For operators. */
interface LocalRoom {
  readonly createListener: (hooks: ListenerHooks) => Server;
}

export interface BindOptions extends Pick<PublicOptions, 'health' | 'entrance' | 'unfinished' | 'memory'> {
  readonly log: LogSink;
  readonly tls: Tls;
  readonly metering: LocalRoom | undefined;
  /** Whether the relay serves without metrics if their address cannot be bound. */
  readonly metricsMayFail: boolean;
  readonly inspect: (LocalRoom & { readonly hasPage: boolean }) | undefined;
}

/** @throws ListenError if an address cannot be bound; those that are open stay so */
export const bindListeners = async (
  listeners: OpenListeners,
  plane: DataPlane,
  config: Config,
  { log, tls, metering, metricsMayFail, inspect, ...ofPublic }: BindOptions,
): Promise<Started> => {
  const { observer } = plane;
  const bindMetrics = async (bind: 'bind' | 'bindOptional'): Promise<AddressInfo | null> =>
    config.metricsListen && metering
      ? await listeners[bind](
          'metrics',
          metering.createListener(listenerHooks(observer, 'metrics')),
          config.metricsListen,
        )
      : null;
  const required = metricsMayFail ? null : await bindMetrics('bind');
  const inspectAddress =
    config.inspectListen && inspect
      ? await listeners.bind(
          'inspect',
          inspect.createListener(listenerHooks(observer, 'inspect')),
          config.inspectListen,
        )
      : null;
  if (inspect?.hasPage === false)
    write(log, 'inspect page missing', { err: 'its files are not beside the program' });
  const httpsListen = httpsAddress(config);
  const publicServer = createPublicListener(plane, {
    certificates: tls.certificates,
    hasProxyHeader: httpsListen === null ? config.proxyProtocol : config.httpsProxyProtocol,
    hosts: config.domains ?? undefined,
    maxFrameBytes: config.maxFrameBytes,
    ...ofPublic,
  });
  const address = await listeners.bind(
    'public',
    publicServer,
    httpsListen ?? config.insecureListen ?? LOOPBACK,
  );
  const challengeAddress =
    tls.challenges === undefined
      ? null
      : await listeners.bind('acme', tls.challenges.server, tls.challenges.address);
  // Last, as it gives way: to another program, and to our own listeners.
  const metricsAddress = metricsMayFail ? await bindMetrics('bindOptional') : required;
  return { address, challengeAddress, metricsAddress, inspectAddress };
};
