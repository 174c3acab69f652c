/** Carries out what a server actor emits. */

import type { ServerEmitted } from '../machines/server-messages.ts';
import type { ServerRef } from '../machines/server-view.ts';
import { encodeCloseNotice } from '../protocol/close-notice.ts';
import { BINARY_QUEUE_MAX_BYTES } from '../protocol/limits.ts';
import { forwardFromBinary } from './binary-leg.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import { contain, type Exchange } from './exchange.ts';
import { pushBack } from './phone-leg.ts';
import { refuse } from './refuse.ts';
import { chargeOf } from './write-chunks.ts';

const NOTHING = new Uint8Array(0);

/** A claimant's messages waited for this moment; then its socket is read on. */
const releaseHeld = (exchange: Exchange, binary: ConnectionAdapter): void => {
  for (const { data, isBinary } of binary.takeHeld()) forwardFromBinary(exchange, binary, data, isBinary);
  binary.resume();
};

const sendNotice = (
  exchange: Exchange,
  emitted: ServerEmitted & { type: 'notice.due' },
  serverId: string,
): void => {
  const { connId, binaryId, closeCode } = emitted;
  const binary = exchange.adapters.get(binaryId);
  const notice = {
    head: NOTHING,
    body: encodeCloseNotice(connId, closeCode),
    tail: NOTHING,
    isForwarded: false,
  };
  const fits = binary?.isWritable && binary.outbox.chargedBytes + chargeOf(notice) <= BINARY_QUEUE_MAX_BYTES;
  if (fits) binary.outbox.enqueue(notice);
  exchange.observer.observe({ type: fits ? 'notice.sent' : 'notice.lost', serverId, connId, closeCode });
};

const holdBack = (exchange: Exchange, phone: ConnectionAdapter, binaryId: string): void => {
  const binary = exchange.adapters.get(binaryId);
  if (binary !== undefined) pushBack(exchange, phone, binary);
};

const carryOut = (exchange: Exchange, serverId: string, emitted: ServerEmitted): void => {
  const { adapters, observer } = exchange;
  const adapter = 'connId' in emitted ? adapters.get(emitted.connId) : undefined;
  switch (emitted.type) {
    case 'binary.admitted':
      if (adapter === undefined) return;
      observer.observe({
        type: 'binary.admitted',
        serverId,
        binaryVersion: adapter.binaryVersion,
        remote: adapter.remote,
        kind: emitted.kind,
      });
      adapter.chart.send({ type: 'admitted', binaryId: emitted.connId });
      releaseHeld(exchange, adapter);
      return;
    case 'binary.refused':
    case 'phone.refused':
      if (adapter !== undefined) refuse(exchange, adapter, emitted.close);
      return;
    case 'binary.probed':
      if (adapter?.isWritable === true) adapter.sendProbe();
      else adapter?.notePeerClosing();
      return;
    case 'binary.evicted': {
      const { close, flush } = emitted;
      const cause = flush ? 'shutdown' : 'displaced';
      adapter?.chart.send({ type: 'close', close, cause, flush, notice: 'none' });
      return;
    }
    case 'phone.admitted':
      if (adapter === undefined) return;
      observer.observe({
        type: 'phone.admitted',
        serverId,
        connId: emitted.connId,
        deviceName: adapter.deviceName,
        remote: adapter.remote,
      });
      adapter.chart.send({ type: 'admitted', binaryId: emitted.binaryId });
      holdBack(exchange, adapter, emitted.binaryId);
      return;
    case 'phone.evicted': {
      const { close, cause, flush, connId } = emitted;
      if (cause === 'unheard') observer.observe({ type: 'phone.unheard', serverId, connId });
      const notice = cause === 'directive' ? 'none' : 'asClosed';
      adapter?.chart.send({ type: 'close', close, cause, flush, notice });
      return;
    }
    case 'notice.due':
      sendNotice(exchange, emitted, serverId);
      return;
    case 'notice.lost':
      observer.observe({
        type: 'notice.lost',
        serverId,
        connId: emitted.connId,
        closeCode: emitted.closeCode,
      });
      return;
    case 'grace.started':
    case 'grace.expired':
      observer.observe({ type: emitted.type, serverId });
  }
};

/** Attach before the actor starts: what it emits first must not be missed. */
export const attachServerEffects = (exchange: Exchange, serverId: string, ref: ServerRef): void => {
  ref.on('*', (emitted) => contain(exchange.observer, () => carryOut(exchange, serverId, emitted)));
};
