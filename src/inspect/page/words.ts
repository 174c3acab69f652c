/** Words for senders, recipients and events. The timeline and the sequence diagram share them. */
import type { Message, Party, TimelineEvent } from '../updates.ts';

/** Shortens XState's names: `xstate.after.gracePeriod.server.claimed.grace` becomes `after gracePeriod`. */
export const eventName = (event: string): string => {
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(event) ?? [];
  if (delay !== undefined) return `after ${delay}`;
  return event === 'xstate.init' ? 'created' : event;
};

/** "close 4404 reclaimed" */
export const messageText = ({ type, connId, closeCode, cause }: Message): string =>
  [eventName(type), connId, closeCode ?? '', cause].filter((part) => part !== '').join(' ');

/** A connection is named by its role: a phone or a binary. */
const partyName = ({ kind, connId, role }: Party): string =>
  kind === 'connection' ? `${role} ${connId}` : kind;

/** "server → phone c-1"; only the actor for one of its own timers. */
export const route = ({ from, to }: TimelineEvent): string => {
  if (from.kind === to.kind && from.connId === to.connId) return partyName(to);
  // The owner of the socket is named only if the recipient does not show it.
  const sender = from.kind === 'socket' && to.kind !== 'connection' ? `${from.role} ${from.connId}` : '';
  return `${sender === '' ? partyName(from) : `socket of ${sender}`} → ${partyName(to)}`;
};

/** The whole event in one line, with all that is known. */
export const sentence = (event: TimelineEvent): string => {
  const { message, state, isIgnored } = event;
  const outcome = isIgnored ? ' (ignored)' : state === '' ? '' : `, now ${state}`;
  return `${route(event)}: ${messageText(message)}${outcome}`;
};

export const isRefusal = ({ message }: TimelineEvent): boolean => message.type === 'refuse';
