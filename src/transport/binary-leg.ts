/** Binary to phone: reads each envelope and queues its frame in the outbox of the phone that it names, or drops it. */
import { isUtf8 } from 'node:buffer';
import { isRegistered, isWaiting, liveBinary, type ServerRef } from '../machines/server-view.ts';
import { type BinaryEnvelope, readBinaryEnvelope } from '../protocol/binary-envelope.ts';
import { encodeCloseNotice } from '../protocol/close-notice.ts';
import { isConnId } from '../protocol/conn-id.ts';
import { BINARY_QUEUE_MAX_BYTES } from '../protocol/limits.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import { type DataPlane, findServer } from './data-plane.ts';
import { chargeOf, type OutboundMessage } from './write-chunks.ts';

const NOTHING = new Uint8Array(0);

/** The phone that an envelope names, if it is registered under this binary's server-id and its socket is writable. */
const findPhone = (plane: DataPlane, server: ServerRef, connId: string): ConnectionAdapter | undefined => {
  const phone = isRegistered(server.getSnapshot(), connId) ? plane.adapters.get(connId) : undefined;
  if (phone === undefined || phone.isWritable) return phone;
  phone.closing.notePeerClosed();
  return undefined;
};

/** @returns false if the frame did not fit the phone's backlog */
const enqueueFrame = (plane: DataPlane, phone: ConnectionAdapter, frame: Uint8Array): boolean => {
  const message: OutboundMessage = { head: NOTHING, body: frame, tail: NOTHING, isForwarded: true };
  if (phone.outbox.chargedBytes + chargeOf(message) > plane.phoneBacklogBytes) {
    plane.observer.observe({ type: 'envelope.refused', serverId: phone.serverId, connId: phone.connId });
    return false;
  }
  phone.outbox.enqueue(message);
  return true;
};

const deliver = (
  plane: DataPlane,
  binary: ConnectionAdapter,
  server: ServerRef,
  envelope: BinaryEnvelope & { readonly kind: 'frame' | 'directive' },
): void => {
  const phone = findPhone(plane, server, envelope.connId);
  if (phone === undefined) {
    // The binary chose this text. Only a well-formed conn id may be logged.
    const connId = isConnId(envelope.connId) ? envelope.connId : 'not a conn id';
    plane.observer.observe({ type: 'envelope.unknown_conn', serverId: binary.serverId, connId });
    return;
  }
  const isTooLong = envelope.frame !== undefined && !enqueueFrame(plane, phone, envelope.frame);
  if (envelope.kind === 'frame') {
    if (isTooLong) phone.chart.send({ type: 'backlog.overflowed', queue: 'phone' });
    return;
  }
  const { connId, closeCode } = envelope;
  binary.chart.send({ type: 'directive.received', connId, closeCode, isTooLong });
};

/** Queues a close notice behind the last frame of the phone it is about. */
export const sendNotice = (
  plane: DataPlane,
  binary: ConnectionAdapter,
  { connId, closeCode }: { readonly connId: string; readonly closeCode: number },
): void => {
  const body = encodeCloseNotice(connId, closeCode);
  const notice: OutboundMessage = { head: NOTHING, body, tail: NOTHING, isForwarded: false };
  const fits = binary.isWritable && binary.outbox.chargedBytes + chargeOf(notice) <= BINARY_QUEUE_MAX_BYTES;
  if (fits) binary.outbox.enqueue(notice);
  const { serverId } = binary;
  plane.observer.observe({ type: fits ? 'notice.sent' : 'notice.lost', serverId, connId, closeCode });
};

export const forwardFromBinary = (
  plane: DataPlane,
  binary: ConnectionAdapter,
  message: Buffer,
  isBinary: boolean,
): void => {
  const { serverId, connId } = binary;
  const server = findServer(plane, serverId);
  // The server actor has ended, and this connection has been told to close. Nothing more of it is forwarded.
  if (server === undefined) return;
  const snapshot = server.getSnapshot();
  if (isWaiting(snapshot, connId)) {
    binary.hold({ data: message, isBinary });
    return;
  }
  // Displaced, refused or leaving: nothing more of it is forwarded either.
  if (liveBinary(snapshot) !== connId) return;
  if (isBinary && !isUtf8(message)) {
    binary.chart.send({ type: 'message.rejected', cause: 'not_utf8' });
    return;
  }
  const envelope = readBinaryEnvelope(message);
  switch (envelope.kind) {
    case 'fault':
      plane.observer.observe({ type: 'envelope.dropped', serverId, connId, fault: envelope.fault });
      if (binary.addedBrokenEnvelope())
        binary.chart.send({ type: 'message.rejected', cause: 'broken_envelopes' });
      return;
    case 'pushWake':
      plane.wakes.request({ serverId, connId }, envelope.wake);
      return;
    case 'frame':
    case 'directive':
      deliver(plane, binary, server, envelope);
  }
};
