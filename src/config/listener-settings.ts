/** Settings of what is listened to. */
import { formatAddress, type ListenAddress } from '../transport/listening.ts';
import { isHost, isLoopback, optionalAddress } from './checks.ts';
import { readAddress } from './quantities.ts';
import type { Setting } from './setting-kinds.ts';

const DEFAULT_METRICS_LISTEN: ListenAddress = { host: '127.0.0.1', port: 9090 };

const isLoopbackLiteral = (host: string): boolean => host === '127.0.0.1' || host === '::1';

/** An address to dial has a port of its own. */
const dialledAddress = (value: unknown): ListenAddress | null | undefined => {
  const address = optionalAddress(isLoopbackLiteral)(value);
  return address?.port === 0 ? undefined : address;
};

export const listenerSettings = {
  insecureListen: {
    flag: 'insecure-listen',
    summary: 'serve plain HTTP and ws:// here; port 0 picks a free one',
    takes: 'host:port with a port from 0 to 65535, such as 127.0.0.1:8080, [::1]:8080 or :8080',
    placeholder: 'HOST:PORT',
    read: readAddress,
    check: optionalAddress(isHost),
    fallback: null,
    fallbackText: '',
  } satisfies Setting<ListenAddress | null>,
  metricsListen: {
    flag: 'metrics-listen',
    summary: 'serve /metrics and /readyz here; empty for none',
    takes:
      'a loopback IP address and a port from 0 to 65535, such as 127.0.0.1:9090 or [::1]:9090, or nothing to switch metrics off',
    placeholder: 'HOST:PORT',
    read: (text: string) => (text === '' ? null : readAddress(text)),
    check: optionalAddress(isLoopback),
    fallback: DEFAULT_METRICS_LISTEN,
    fallbackText: formatAddress(DEFAULT_METRICS_LISTEN),
  } satisfies Setting<ListenAddress | null>,
  inspectListen: {
    flag: 'inspect-listen',
    summary: 'serve the live charts here, loopback only; off by default',
    takes: '127.0.0.1 or [::1] and a port from 0 to 65535, such as 127.0.0.1:9091',
    placeholder: 'HOST:PORT',
    read: readAddress,
    check: optionalAddress(isLoopbackLiteral),
    fallback: null,
    fallbackText: '',
  } satisfies Setting<ListenAddress | null>,
  statelyInspect: {
    flag: 'stately-inspect',
    summary: "send what the charts do to a hub of Stately's inspector on this machine; off by default",
    takes: '127.0.0.1 or [::1] and a port from 1 to 65535, such as 127.0.0.1:8088',
    placeholder: 'HOST:PORT',
    read: readAddress,
    check: dialledAddress,
    fallback: null,
    fallbackText: '',
  } satisfies Setting<ListenAddress | null>,
} as const;
