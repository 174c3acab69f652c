/** Carries out what a connection actor emits, and tells the server actor who has left. */
import type { CloseCause, ConnectionEmitted } from '../machines/connection-messages.ts';
import type { ConnectionRef } from '../machines/directory.ts';
import { ABNORMAL_CLOSURE_CODE, GOING_AWAY_CODE } from '../protocol/close-codes.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import { contain, type Exchange, findServer } from './exchange.ts';
import { resumePhones } from './phone-leg.ts';

/** The server-id must do without this connection from now on. */
const leave = (exchange: Exchange, adapter: ConnectionAdapter, cause: CloseCause): void => {
  const { serverId, connId, role } = adapter;
  exchange.observer.observe({ type: 'connection.left', serverId, connId, role, cause });
  const server = findServer(exchange, serverId);
  if (role === 'phone') {
    server?.send({ type: 'phone.unregistered', connId });
    return;
  }
  server?.send({ type: 'binary.left', connId });
  resumePhones(adapter);
};

/** The peer's own words never reach the log: its close reason could be anything. */
const describeEnd = (closeCode: number): string =>
  closeCode === ABNORMAL_CLOSURE_CODE ? 'connection lost' : `close code ${closeCode}`;

const end = (
  exchange: Exchange,
  adapter: ConnectionAdapter,
  { binaryId, closeCode, noticeCode }: ConnectionEmitted & { type: 'connection.ended' },
): void => {
  const { serverId, connId, role } = adapter;
  exchange.adapters.delete(connId);
  if (binaryId === null) return;
  exchange.observer.observe({
    type: 'read.ended',
    role,
    serverId,
    connId,
    closeCode,
    err: describeEnd(closeCode),
  });
  if (role === 'binary') return;
  exchange.adapters.get(binaryId)?.pausedPhones.delete(adapter);
  if (noticeCode !== null) {
    findServer(exchange, serverId)?.send({ type: 'phone.ended', connId, binaryId, closeCode: noticeCode });
  }
  exchange.observer.observe({ type: 'phone.unregistered', serverId, connId });
};

const carryOut = (exchange: Exchange, adapter: ConnectionAdapter, emitted: ConnectionEmitted): void => {
  switch (emitted.type) {
    case 'ping.due':
      adapter.sendHeartbeat();
      return;
    case 'connection.left':
      adapter.reading.leave();
      // Who was held back for a binary's sake is heard to its end: nobody would let it go later.
      adapter.resume();
      leave(exchange, adapter, emitted.cause);
      return;
    case 'flush.due':
      adapter.flush(() => adapter.chart.send({ type: 'backlog.flushed' }));
      return;
    case 'close.due':
      adapter.close(emitted.close, () => adapter.chart.send({ type: 'close.written' }));
      return;
    case 'end.due':
      adapter.end();
      return;
    case 'cut.due':
      adapter.cut();
      return;
    case 'connection.ended':
      end(exchange, adapter, emitted);
  }
};

/** Attach before the actor starts: what it emits first must not be missed. */
export const attachConnectionEffects = (
  exchange: Exchange,
  adapter: ConnectionAdapter,
  ref: ConnectionRef,
): void => {
  ref.on('*', (emitted) => contain(exchange.observer, () => carryOut(exchange, adapter, emitted)));
};

/** For a connection whose actor threw: nobody is left to close it in good order. */
export const abandon = (exchange: Exchange, adapter: ConnectionAdapter): void => {
  const { binaryId } = adapter.chart.getSnapshot().context;
  leave(exchange, adapter, 'internal_error');
  adapter.cut();
  const closeCode = ABNORMAL_CLOSURE_CODE;
  end(exchange, adapter, { type: 'connection.ended', binaryId, closeCode, noticeCode: GOING_AWAY_CODE });
};
