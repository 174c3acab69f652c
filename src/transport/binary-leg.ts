/** Binary to phone: reads each envelope and puts its frame into the outbox of the phone it names, or drops it. */
import { isUtf8 } from 'node:buffer';
import { isRegistered, isWaiting, liveBinary, type ServerRef } from '../machines/server-view.ts';
import { type BinaryEnvelope, readBinaryEnvelope } from '../protocol/binary-envelope.ts';
import { type Close, maySendCloseCode, NOT_UTF8, PHONE_BACKLOG_FULL } from '../protocol/close-codes.ts';
import { isConnId } from '../protocol/conn-id.ts';
import { FRAME_OVERHEAD_BYTES } from '../protocol/limits.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import { type Exchange, findServer } from './exchange.ts';

const NOTHING = new Uint8Array(0);

/** The phone an envelope names, if it is registered under this binary's own server-id and can still be written to. */
const findPhone = (exchange: Exchange, server: ServerRef, connId: string): ConnectionAdapter | undefined => {
  const phone = isRegistered(server.getSnapshot(), connId) ? exchange.adapters.get(connId) : undefined;
  if (phone === undefined || phone.isWritable) return phone;
  phone.notePeerClosing();
  return undefined;
};

/** @returns whether the frame fitted; when it did not, the phone is on its way out */
const enqueueFrame = (
  exchange: Exchange,
  phone: ConnectionAdapter,
  frame: Uint8Array,
  onOverflow: { readonly close: Close; readonly notice: 'asClosed' | 'none' },
): boolean => {
  const charge = frame.length + FRAME_OVERHEAD_BYTES;
  if (phone.outbox.chargedBytes + charge > exchange.phoneBacklogBytes) {
    const { serverId, connId } = phone;
    exchange.observer.observe({ type: 'envelope.refused', serverId, connId });
    phone.chart.send({ type: 'backlog.overflowed', ...onOverflow });
    return false;
  }
  phone.outbox.enqueue({ head: NOTHING, body: frame, tail: NOTHING, isForwarded: true });
  return true;
};

const deliver = (
  exchange: Exchange,
  binary: ConnectionAdapter,
  server: ServerRef,
  envelope: BinaryEnvelope & { readonly kind: 'frame' | 'directive' },
): void => {
  const phone = findPhone(exchange, server, envelope.connId);
  if (phone === undefined) {
    // The id is the binary's own text and could be anything: only what has the form of a conn id may be logged.
    const connId = isConnId(envelope.connId) ? envelope.connId : 'not a conn id';
    exchange.observer.observe({ type: 'envelope.unknown_conn', serverId: binary.serverId, connId });
    return;
  }
  if (envelope.kind === 'frame') {
    enqueueFrame(exchange, phone, envelope.frame, { close: PHONE_BACKLOG_FULL, notice: 'asClosed' });
    return;
  }
  const { frame, closeCode } = envelope;
  const isLegal = maySendCloseCode(closeCode);
  // A directive that does not fit closes with its own code all the same, without its frame (spec section 4).
  const ownCode = isLegal ? closeCode : PHONE_BACKLOG_FULL.closeCode;
  const onOverflow = { close: { ...PHONE_BACKLOG_FULL, closeCode: ownCode }, notice: 'none' } as const;
  if (frame !== undefined && !enqueueFrame(exchange, phone, frame, onOverflow)) return;
  const { serverId, connId } = phone;
  exchange.observer.observe({ type: 'phone.dismissed', serverId, connId, closeCode, isLegal });
  server.send({ type: 'phone.dismissed', connId, closeCode });
};

export const forwardFromBinary = (
  exchange: Exchange,
  binary: ConnectionAdapter,
  message: Buffer,
  isBinary: boolean,
): void => {
  const server = findServer(exchange, binary.serverId);
  if (server === undefined) return;
  const snapshot = server.getSnapshot();
  if (isWaiting(snapshot, binary.connId)) {
    binary.hold({ data: message, isBinary });
    return;
  }
  if (liveBinary(snapshot) !== binary.connId) return;
  if (isBinary && !isUtf8(message)) {
    binary.chart.send({ type: 'message.rejected', close: NOT_UTF8, cause: 'not_utf8' });
    return;
  }
  const { serverId, connId } = binary;
  const envelope = readBinaryEnvelope(message);
  switch (envelope.kind) {
    case 'fault':
      exchange.observer.observe({ type: 'envelope.dropped', serverId, connId, fault: envelope.fault });
      return;
    case 'pushWake':
      exchange.observer.observe({ type: 'envelope.push_wake', serverId, connId });
      return;
    case 'frame':
    case 'directive':
      deliver(exchange, binary, server, envelope);
  }
};
