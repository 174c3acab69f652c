/** Who is at the other end of a socket. */
import type { Socket } from 'node:net';
import type { Peer } from '../admission/client-address.ts';
import { peerAddress } from '../protocol/peer-address.ts';

/** Clients whom a PROXY header has named, by TCP socket. */
const named = new WeakMap<Socket, Peer>();
/** The TCP socket under each TLS socket. */
const below = new WeakMap<Socket, Socket>();

/** @param address of a PROXY header */
export const namePeer = (tcp: Socket, address: string): void => {
  named.set(tcp, { address, source: 'proxy_protocol' });
};

export const noteTls = (socket: Socket, tcp: Socket): void => {
  below.set(socket, tcp);
};

/** The socket that was accepted: `socket` itself, or the one under its TLS. */
export const acceptedSocket = (socket: Socket): Socket => below.get(socket) ?? socket;

export const peerOf = (socket: Socket): Peer => {
  const tcp = acceptedSocket(socket);
  return named.get(tcp) ?? { address: peerAddress(tcp.remoteAddress), source: 'socket' };
};
