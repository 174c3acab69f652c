/** Settings of whose address a connection has. */
import { TrustedProxies } from '../admission/trusted-proxies.ts';
import { onOff, type Setting } from './setting-kinds.ts';

const isText = (value: unknown): value is string => typeof value === 'string';

export const addressSettings = {
  trustedProxies: {
    flag: 'trusted-proxy',
    isLive: true,
    summary: 'proxies whose X-Forwarded-For or PROXY header counts',
    takes:
      'addresses and networks, such as 10.0.0.0/8 or 2001:db8::1, and the words loopback and private, with commas between them',
    placeholder: 'CIDR[,CIDR]',
    read: (text: string) => text.split(',').map((entry) => entry.trim()),
    check: (value: unknown) => {
      if (!Array.isArray(value) || !value.every(isText)) return undefined;
      return TrustedProxies.of(value) === undefined ? undefined : [...value];
    },
    fallback: [],
    fallbackText: '',
  } satisfies Setting<readonly string[]>,
  trustXForwardedFor: onOff({
    flag: 'trust-x-forwarded-for',
    isLive: true,
    summary: 'believe X-Forwarded-For of anyone; forgeable',
  }),
  proxyProtocol: onOff({
    flag: 'proxy-protocol',
    summary: 'plain listener: PROXY protocol v2 is required of each connection',
  }),
  httpsProxyProtocol: onOff({
    flag: 'https-proxy-protocol',
    summary: 'TLS listener: the same, before TLS',
  }),
} as const;
