/** Carries out a connection actor's orders on its socket, and passes its reports to the observer. */
import type { ConnectionEmitted, ConnectionReport, SocketOrder } from '../machines/connection-messages.ts';
import type { ConnectionRef } from '../machines/directory-messages.ts';
import { ABNORMAL_CLOSURE_CODE, type Close } from '../protocol/close-codes.ts';
import { sendNotice } from './binary-leg.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import { contain, type DataPlane } from './data-plane.ts';
import { pauseIfBackedUp, resumePhones } from './phone-leg.ts';
import { readMessage } from './read-message.ts';

/** Reads the held message of an admitted claimant, then resumes its socket: what follows is parsed in turns. */
const releaseHeld = (plane: DataPlane, binary: ConnectionAdapter): void => {
  const message = binary.reception.takeHeld();
  if (message !== undefined) readMessage(plane, binary, message);
  binary.resume();
};

const admitted = (
  plane: DataPlane,
  adapter: ConnectionAdapter,
  { binaryId, admission }: ConnectionReport & { type: 'connection.admitted' },
): void => {
  const { serverId, connId, remote, binaryVersion, deviceName } = adapter;
  if (admission !== 'registration') {
    plane.observer.observe({ type: 'binary.admitted', serverId, binaryVersion, remote, kind: admission });
    releaseHeld(plane, adapter);
    return;
  }
  plane.observer.observe({ type: 'phone.admitted', serverId, connId, deviceName, remote });
  const binary = plane.adapters.get(binaryId);
  // In grace its socket has ended, or can no longer be written to.
  if (binary !== undefined) pauseIfBackedUp(plane, adapter, binary);
};

/** The peer's close reason is never logged: it could be any text. */
const describeEnd = (closeCode: number): string =>
  closeCode === ABNORMAL_CLOSURE_CODE ? 'connection lost' : `close code ${closeCode}`;

const ended = (
  plane: DataPlane,
  adapter: ConnectionAdapter,
  { closeCode, wasAdmitted }: ConnectionReport & { type: 'connection.ended' },
): void => {
  const { serverId, connId, role } = adapter;
  plane.adapters.delete(connId);
  adapter.account.close();
  adapter.pausedFor?.pausedPhones.remove(adapter);
  if (adapter.pausedFor !== undefined)
    plane.observer.observe({ type: 'phone.resumed', ms: performance.now() - adapter.pausedAtMs });
  plane.observer.observe({ type: 'close.received', role, closeCode });
  if (!wasAdmitted) return;
  const err = describeEnd(closeCode);
  plane.observer.observe({ type: 'read.ended', role, serverId, connId, closeCode, err });
  if (role === 'phone') plane.observer.observe({ type: 'phone.ended', serverId, connId });
};

const report = (plane: DataPlane, adapter: ConnectionAdapter, emitted: ConnectionReport): void => {
  const { serverId, connId, role, remote } = adapter;
  switch (emitted.type) {
    case 'connection.admitted':
      admitted(plane, adapter, emitted);
      return;
    case 'connection.refused': {
      const { closeCode } = emitted.close;
      plane.observer.observe({ type: `${role}.refused`, serverId, remote, closeCode });
      return;
    }
    case 'connection.left':
      plane.observer.observe({ type: 'connection.left', serverId, connId, role, cause: emitted.cause });
      resumePhones(plane, adapter);
      return;
    case 'connection.cut_short':
      plane.observer.observe({ ...emitted, serverId, connId });
      return;
    case 'connection.ended':
      ended(plane, adapter, emitted);
  }
};

const closeWith = ({ observer }: DataPlane, adapter: ConnectionAdapter, close: Close): void => {
  const { role, chart } = adapter;
  const isSent = adapter.close(close, () => chart.send({ type: 'close.written' }));
  if (isSent) observer.observe({ type: 'close.sent', role, closeCode: close.closeCode });
};

const carryOut = (plane: DataPlane, adapter: ConnectionAdapter, emitted: SocketOrder): void => {
  switch (emitted.type) {
    case 'ping.due':
      adapter.sendHeartbeat();
      return;
    case 'probe.due':
      adapter.sendProbe();
      return;
    case 'notice.due':
      sendNotice(plane, adapter, emitted);
      return;
    case 'discard.due':
      adapter.discardInput();
      return;
    case 'flush.due':
      adapter.flush(() => adapter.chart.send({ type: 'backlog.flushed' }));
      return;
    case 'close.due':
      closeWith(plane, adapter, emitted.close);
      return;
    case 'end.due':
      adapter.end();
      return;
    case 'cut.due':
      adapter.cut();
  }
};

const isReport = (emitted: ConnectionEmitted): emitted is ConnectionReport =>
  emitted.type.startsWith('connection.');

/** Attach before the actor starts, so that its first events are not missed. */
export const attachConnectionEffects = (
  plane: DataPlane,
  adapter: ConnectionAdapter,
  ref: ConnectionRef,
): void => {
  ref.on('*', (emitted) =>
    contain(plane.observer, () => {
      if (isReport(emitted)) report(plane, adapter, emitted);
      else carryOut(plane, adapter, emitted);
    }),
  );
};

/** Cuts a connection whose actor threw. No chart is left to close it in an orderly way. */
export const abandon = (plane: DataPlane, adapter: ConnectionAdapter, wasOpen: boolean): void => {
  if (wasOpen) report(plane, adapter, { type: 'connection.left', cause: 'internal_error' });
  adapter.cut();
  ended(plane, adapter, {
    type: 'connection.ended',
    closeCode: ABNORMAL_CLOSURE_CODE,
    wasAdmitted: adapter.chart.getSnapshot().context.binaryId !== null,
  });
};
