/** Phone to binary: checks and wraps every message of a phone and queues it for its binary, or closes the phone. */
import { isUtf8 } from 'node:buffer';
import { isRegistered, liveBinary } from '../machines/server-view.ts';
import {
  BINARY_QUEUE_HIGH_BYTES,
  BINARY_QUEUE_LOW_BYTES,
  BINARY_QUEUE_MAX_BYTES,
  TIGHT_QUEUE_HIGH_BYTES,
  TIGHT_QUEUE_LOW_BYTES,
} from '../protocol/limits.ts';
import { ENVELOPE_TAIL, readPhoneMessage } from '../protocol/phone-message.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import { type DataPlane, findServer } from './data-plane.ts';
import { chargeOf, type OutboundMessage } from './write-chunks.ts';

/** A binary's queue above `highBytes` pauses phones that send, until it is below `lowBytes`. */
const USUAL_MARKS = { highBytes: BINARY_QUEUE_HIGH_BYTES, lowBytes: BINARY_QUEUE_LOW_BYTES };
const TIGHT_MARKS = { highBytes: TIGHT_QUEUE_HIGH_BYTES, lowBytes: TIGHT_QUEUE_LOW_BYTES };

/** Resumes the phones that this binary's queue had paused. */
export const resumePhones = ({ observer }: DataPlane, binary: ConnectionAdapter): void => {
  for (const phone of binary.pausedPhones.take()) {
    phone.pausedFor = undefined;
    phone.resume();
    observer.observe({ type: 'phone.resumed', ms: performance.now() - phone.pausedAtMs });
  }
};

/**
 * Pauses a phone whose binary's queue is too long. Called at registration, because phones that register, send and leave
 * could otherwise fill the queue one after another; and for each message, so that a silent phone is never paused and
 * still answers pings, however slow its binary is (docs/adr/0005).
 */
export const pauseIfBackedUp = (
  plane: DataPlane,
  phone: ConnectionAdapter,
  binary: ConnectionAdapter,
): void => {
  const { observer, backlog } = plane;
  const { highBytes, lowBytes } = backlog.isTight ? TIGHT_MARKS : USUAL_MARKS;
  // Between the high and the low mark, a phone that sends is paused too if another one already is.
  const isBackedUp = !binary.pausedPhones.isEmpty || binary.outbox.chargedBytes > highBytes;
  // A queue that is never written again must not pause a phone: in grace, its next frame closes it.
  if (phone.pausedFor !== undefined || !isBackedUp || !binary.isWritable) return;
  binary.pausedPhones.add(phone);
  phone.pausedFor = binary;
  phone.pausedAtMs = performance.now();
  phone.pause();
  observer.observe({ type: 'phone.paused', serverId: phone.serverId, connId: phone.connId });
  binary.outbox.whenBelow(lowBytes, () => resumePhones(plane, binary));
};

/**
 * The adapter that takes this phone's frames now. A binary whose socket is closing takes none. If its chart does not know
 * that yet, it is told now, which starts the grace period.
 */
const findBinary = (plane: DataPlane, binaryId: string | null): ConnectionAdapter | undefined => {
  const binary = binaryId === null ? undefined : plane.adapters.get(binaryId);
  if (binary === undefined || binary.isWritable) return binary;
  binary.closing.notePeerClosed();
  return undefined;
};

export const forwardFromPhone = (
  plane: DataPlane,
  phone: ConnectionAdapter,
  message: Buffer,
  isBinary: boolean,
): void => {
  const snapshot = findServer(plane, phone.serverId)?.getSnapshot();
  // Refused, evicted or leaving: the phone is being closed, and nothing more of it is forwarded.
  if (snapshot === undefined || !isRegistered(snapshot, phone.connId)) return;
  // ws has checked the UTF-8 of text messages only.
  if (isBinary && !isUtf8(message)) {
    phone.chart.send({ type: 'message.rejected', cause: 'not_utf8' });
    return;
  }
  const body = readPhoneMessage(message);
  if (body === undefined) {
    phone.chart.send({ type: 'message.rejected', cause: 'not_json' });
    return;
  }
  const binary = findBinary(plane, liveBinary(snapshot));
  if (binary === undefined) {
    plane.observer.observe({ type: 'phone.unheard', serverId: phone.serverId, connId: phone.connId });
    phone.chart.send({ type: 'frame.unheard' });
    return;
  }
  const envelope: OutboundMessage = { head: phone.head, body, tail: ENVELOPE_TAIL, isForwarded: true };
  if (binary.outbox.chargedBytes + chargeOf(envelope) > BINARY_QUEUE_MAX_BYTES) {
    phone.chart.send({ type: 'backlog.overflowed', queue: 'binary' });
    return;
  }
  binary.outbox.enqueue(envelope);
  pauseIfBackedUp(plane, phone, binary);
};
