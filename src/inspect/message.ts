/** Extracts from an event what may be shown: its type, ids, a close code, and words of the charts. */
import type { Message, Party } from './updates.ts';

const textOf = (holder: object, key: string): string => {
  const value: unknown = Reflect.get(holder, key);
  return typeof value === 'string' ? value : '';
};

const codeOf = (holder: object): number | null => {
  const value: unknown = Reflect.get(holder, 'closeCode');
  return typeof value === 'number' ? value : null;
};

/** @param parties the sender and the recipient, which need not be named again */
export const describeMessage = (event: object, ...parties: readonly Party[]): Message => {
  const connId = textOf(event, 'connId');
  const close: unknown = Reflect.get(event, 'close');
  return {
    type: textOf(event, 'type'),
    connId: parties.some((party) => party.connId === connId) ? '' : connId,
    closeCode: typeof close === 'object' && close !== null ? codeOf(close) : codeOf(event),
    // Both are closed sets of this relay: they never contain text from a peer.
    cause: textOf(event, 'cause') || textOf(event, 'admission'),
  };
};
