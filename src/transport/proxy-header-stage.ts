/** Reads the PROXY header that a proxy sends before anything else. Without a good one, the connection is closed with no byte sent. */
import type { Socket } from 'node:net';
import { peerAddress } from '../protocol/peer-address.ts';
import { type ProxyHeaderFault, readProxyHeader } from '../protocol/proxy-header.ts';
import { PROXY_HEADER_TIMEOUT_MS } from '../protocol/request-limits.ts';
import type { AcceptStage } from './accept-stages.ts';
import { startDeadline } from './deadline.ts';
import { namePeer } from './peer-of.ts';

/** `ended`: the peer left before its end. `untrusted`: the peer is no trusted proxy. */
export type ProxyFault = ProxyHeaderFault | 'timeout' | 'ended' | 'untrusted';

export interface ProxyHeaderOptions {
  /** Whether the header of the proxy at this address, in the form of `peerAddress`, is believed. */
  readonly isTrusted: (address: string) => boolean;
  /** Its client is known from now on: see `peerOf`. */
  readonly onNamed: (socket: Socket) => void;
  /** @param remote the proxy's own address */
  readonly onRefused: (fault: ProxyFault, remote: string) => void;
}

const NOTHING = Buffer.alloc(0);

export const proxyHeaderStage =
  ({ isTrusted, onNamed, onRefused }: ProxyHeaderOptions): AcceptStage =>
  (socket, next) => {
    const remote = peerAddress(socket.remoteAddress);
    let read: Buffer = NOTHING;
    const settle = (): void => {
      cancelDeadline();
      socket.off('data', take);
      socket.off('end', leave);
      socket.off('close', leave);
    };
    const refuse = (fault: ProxyFault): void => {
      settle();
      onRefused(fault, remote);
      socket.destroy();
    };
    const leave = (): void => refuse('ended');
    const take = (chunk: Buffer): void => {
      read = read.length === 0 ? chunk : Buffer.concat([read, chunk]);
      const header = readProxyHeader(read);
      if (header.kind === 'incomplete') return;
      if (header.kind === 'fault') {
        refuse(header.fault);
        return;
      }
      settle();
      namePeer(socket, header.address);
      onNamed(socket);
      // Flowing, it would lose what is put back.
      socket.pause();
      if (read.length > header.bytes) socket.unshift(read.subarray(header.bytes));
      socket.off('error', ignore);
      next(socket);
    };
    // 'close' follows.
    const ignore = (): void => {};
    const cancelDeadline = startDeadline(PROXY_HEADER_TIMEOUT_MS, () => refuse('timeout'));
    socket.on('error', ignore);
    // Reset before its turn came, as health checks do: nobody knows who it was.
    if (remote === '') {
      refuse('ended');
      return;
    }
    if (!isTrusted(remote)) {
      refuse('untrusted');
      return;
    }
    socket.on('data', take);
    socket.on('end', leave);
    socket.on('close', leave);
  };
