/** Settings of whose address a connection has. */
import { onOff } from './setting-kinds.ts';

export const addressSettings = {
  proxyProtocol: onOff({
    flag: 'proxy-protocol',
    summary: 'plain listener: PROXY protocol v2 is required of each connection',
  }),
  httpsProxyProtocol: onOff({
    flag: 'https-proxy-protocol',
    summary: 'TLS listener: the same, before TLS',
  }),
} as const;
