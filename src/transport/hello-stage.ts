/**
 * What a connection passes before its TLS handshake: the peer must have said hello, must not have begun too many, and waits
 * for its turn. A peer that says nothing costs no TLS, and one that dials too often no handshake. The hello is waited for until its
 * record is complete: the signature is made then, and so must the turn be.
 */
import type { Socket } from 'node:net';
import type { Peer } from '../admission/client-address.ts';
import { TLS_HANDSHAKE_TIMEOUT_MS } from '../protocol/tls-limits.ts';
import { isCompleteHandshakeRecord } from '../protocol/tls-records.ts';
import type { AcceptStage } from './accept-stages.ts';
import { startDeadline } from './deadline.ts';
import type { HandshakeTurns } from './handshake-turns.ts';
import { peerOf } from './peer-of.ts';

export interface HelloStageOptions {
  readonly turns: Pick<HandshakeTurns, 'add' | 'remove'>;
  /** Whether this peer may begin another handshake. Asked once for each connection. */
  readonly mayShakeHands: (peer: Peer) => boolean;
  readonly onTooOften: (peer: Peer) => void;
  readonly onSilent: (fault: 'ended' | 'timeout', peer: Peer) => void;
}

/** Calls `heard` once a whole hello can be read, or what is none, and leaves it to be read. */
const awaitHello = (
  socket: Socket,
  heard: () => void,
  silent: (fault: 'ended' | 'timeout') => void,
): void => {
  let read: Buffer | undefined;
  const settle = (): void => {
    cancelDeadline();
    socket.off('data', take);
    socket.off('end', leave);
    socket.off('close', leave);
  };
  const giveUp = (fault: 'ended' | 'timeout'): void => {
    settle();
    silent(fault);
    socket.destroy();
  };
  const leave = (): void => giveUp('ended');
  const take = (chunk: Buffer): void => {
    read = read === undefined ? chunk : Buffer.concat([read, chunk]);
    if (!isCompleteHandshakeRecord(read, 0)) return;
    settle();
    // Flowing, it would lose what is put back.
    socket.pause();
    socket.unshift(read);
    heard();
  };
  const cancelDeadline = startDeadline(TLS_HANDSHAKE_TIMEOUT_MS, () => giveUp('timeout'));
  socket.on('data', take);
  socket.on('end', leave);
  socket.on('close', leave);
  // A stage before may have left it paused.
  socket.resume();
};

// 'close' follows.
const ignore = (): void => {};

export const helloStage =
  ({ turns, mayShakeHands, onTooOften, onSilent }: HelloStageOptions): AcceptStage =>
  (socket, next) => {
    const peer = peerOf(socket);
    // Reset before its turn came.
    if (socket.destroyed) {
      onSilent('ended', peer);
      return;
    }
    if (!mayShakeHands(peer)) {
      onTooOften(peer);
      socket.destroy();
      return;
    }
    socket.on('error', ignore);
    const begin = (): void => {
      socket.off('error', ignore);
      socket.off('close', leave);
      next(socket);
    };
    const leave = (): void => {
      turns.remove(begin);
      onSilent('ended', peer);
    };
    const wait = (): void => {
      socket.once('close', leave);
      turns.add(begin);
    };
    awaitHello(socket, wait, (fault) => onSilent(fault, peer));
  };
