/** Phone to binary: every message of a phone is checked, wrapped and put into its binary's outbox, or ends the phone. */
import { isUtf8 } from 'node:buffer';
import { isRegistered, liveBinary } from '../machines/server-view.ts';
import { BINARY_BACKLOG_FULL, NOT_JSON, NOT_UTF8 } from '../protocol/close-codes.ts';
import {
  BINARY_QUEUE_HIGH_BYTES,
  BINARY_QUEUE_LOW_BYTES,
  BINARY_QUEUE_MAX_BYTES,
} from '../protocol/limits.ts';
import { ENVELOPE_TAIL, readPhoneMessage } from '../protocol/phone-message.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import { type Exchange, findServer } from './exchange.ts';
import { chargeOf } from './write-chunks.ts';

/** Lets the phones be read again that wait for this binary's queue. */
export const resumePhones = (binary: ConnectionAdapter): void => {
  const phones = [...binary.pausedPhones];
  binary.pausedPhones.clear();
  for (const phone of phones) phone.resume();
};

/**
 * Pauses a phone whose binary's queue is too long. It is done at registration, or phones that come, send and go could
 * fill the queue in turn; and by the message a phone sends, so that one that is silent goes on hearing pings however
 * slow its binary is.
 */
export const pushBack = (
  { observer }: Exchange,
  phone: ConnectionAdapter,
  binary: ConnectionAdapter,
): void => {
  // From the high mark down to the low one there are paused phones, and whoever comes meanwhile joins them.
  const isBackedUp = binary.pausedPhones.size > 0 || binary.outbox.chargedBytes > BINARY_QUEUE_HIGH_BYTES;
  if (phone.isPaused || !isBackedUp) return;
  binary.pausedPhones.add(phone);
  phone.pause();
  observer.observe({ type: 'phone.paused', serverId: phone.serverId, connId: phone.connId });
  binary.outbox.whenBelow(BINARY_QUEUE_LOW_BYTES, () => resumePhones(binary));
};

/**
 * The adapter that takes this phone's frames now. A binary whose socket is closing, though its chart has not been
 * told yet, takes none: it is reported, which starts the grace period.
 */
const findBinary = (exchange: Exchange, binaryId: string | null): ConnectionAdapter | undefined => {
  const binary = binaryId === null ? undefined : exchange.adapters.get(binaryId);
  if (binary === undefined || binary.isWritable) return binary;
  binary.notePeerClosing();
  return undefined;
};

export const forwardFromPhone = (
  exchange: Exchange,
  phone: ConnectionAdapter,
  message: Buffer,
  isBinary: boolean,
): void => {
  const server = findServer(exchange, phone.serverId);
  const snapshot = server?.getSnapshot();
  if (server === undefined || snapshot === undefined || !isRegistered(snapshot, phone.connId)) return;
  // The WebSocket layer has verified text messages only.
  if (isBinary && !isUtf8(message)) {
    phone.chart.send({ type: 'message.rejected', close: NOT_UTF8, cause: 'not_utf8' });
    return;
  }
  const body = readPhoneMessage(message);
  if (body === undefined) {
    phone.chart.send({ type: 'message.rejected', close: NOT_JSON, cause: 'not_json' });
    return;
  }
  const binary = findBinary(exchange, liveBinary(snapshot));
  if (binary === undefined) {
    server.send({ type: 'phone.unheard', connId: phone.connId });
    return;
  }
  const envelope = { head: phone.head, body, tail: ENVELOPE_TAIL, isForwarded: true };
  if (binary.outbox.chargedBytes + chargeOf(envelope) > BINARY_QUEUE_MAX_BYTES) {
    phone.chart.send({ type: 'backlog.overflowed', close: BINARY_BACKLOG_FULL, notice: 'asClosed' });
    return;
  }
  binary.outbox.enqueue(envelope);
  pushBack(exchange, phone, binary);
};
