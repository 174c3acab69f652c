/** What a setting accepts, from text or from a program. Each check returns undefined for anything else. */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { ListenAddress } from '../transport/listening.ts';

/** Both bounds are inclusive. */
export const wholeNumber =
  (min: number, max: number) =>
  (value: unknown): number | undefined =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined;

const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?$/;

/**
 * Empty for all interfaces. Text that looks like an IPv4 address must be one: as a name it would fail only at look-up.
 */
export const isHost = (host: string): boolean =>
  host === '' || isIP(host) !== 0 || (HOST_NAME.test(host) && !/^[\d.]+$/.test(host));

/** Metrics have no authentication, so only this machine may reach them. */
export const isLoopback = (host: string): boolean =>
  (isIPv4(host) && host.startsWith('127.')) ||
  (isIPv6(host) && !host.includes('%') && new URL(`http://[${host}]`).hostname === '[::1]');

/** Whether the host name of a URL is this machine. */
export const isLoopbackHost = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));

const checkPort = wholeNumber(0, 65_535);

/** Null for no listener. */
export const optionalAddress =
  (isAllowed: (host: string) => boolean) =>
  (value: unknown): ListenAddress | null | undefined => {
    if (value === null) return null;
    if (typeof value !== 'object' || !('host' in value) || !('port' in value)) return undefined;
    const { host } = value;
    const port = checkPort(value.port);
    return typeof host === 'string' && isAllowed(host) && port !== undefined ? { host, port } : undefined;
  };
