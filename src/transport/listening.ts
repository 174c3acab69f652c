/** Promises for starting and stopping an HTTP server. */
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ListenAddress {
  /** Empty for all interfaces. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

/** `host:port`, with brackets around an IPv6 host. */
export const formatAddress = ({ host, port }: ListenAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** All sockets of a server. Node's own list omits upgraded ones. */
const openSockets = new WeakMap<Server, Set<Socket>>();

const trackSockets = (server: Server): void => {
  const sockets = new Set<Socket>();
  openSockets.set(server, sockets);
  // One listener for all sockets.
  function onClose(this: Socket): void {
    sockets.delete(this);
  }
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', onClose);
  });
};

/**
 * @returns the bound address
 * @throws the system's error if the address cannot be bound
 */
export const listen = async (server: Server, { host, port }: ListenAddress): Promise<AddressInfo> => {
  trackSockets(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === '' ? {} : { host }) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not bound to a TCP port');
  return address;
};

/**
 * Stops accepting at once. Cuts the remaining sockets when `cutAt` resolves, such as peers that never read an answer or
 * never finish a request head. Resolves when all have ended.
 */
export const stopListening = async (server: Server, cutAt: Promise<void>): Promise<void> => {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    void cutAt.then(() => {
      for (const socket of openSockets.get(server) ?? []) socket.destroy();
    });
  });
};

/**
 * Whether an error of a listener is about one connection that could not be accepted (ENOBUFS, ENOMEM, EPROTO, ECONNABORTED ...):
 * the listener goes on.
 */
export const isAcceptError = (error: Error): boolean => 'syscall' in error && error.syscall === 'accept';
