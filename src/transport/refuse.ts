import type { Close } from '../protocol/close-codes.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import type { Exchange } from './exchange.ts';

/** Closes a connection that is not admitted: after its 101, with a close code (spec section 1, order of checks). */
export const refuse = ({ observer }: Exchange, adapter: ConnectionAdapter, close: Close): void => {
  const { role, serverId, remote } = adapter;
  observer.observe({ type: `${role}.refused`, serverId, remote, closeCode: close.closeCode });
  adapter.chart.send({ type: 'close', close, cause: 'refused', flush: false, notice: 'none' });
};
