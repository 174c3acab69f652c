/** Words for states, senders, recipients and events. The parts of the page share them. */
import type { Message, Party, TimelineEvent } from '../updates.ts';
import { type Names, OWN_NAMES, roleOf } from './peer-names.ts';

/** @param states ids of the active states @returns the innermost one */
export const innermost = (states: readonly string[]): string =>
  states.toSorted((a, b) => b.split('.').length - a.split('.').length)[0] ?? '';

/** Shortens XState's names: `xstate.after.gracePeriod.server.claimed.grace` becomes `after gracePeriod`. */
export const eventName = (event: string): string => {
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(event) ?? [];
  if (delay !== undefined) return `after ${delay}`;
  return event === 'xstate.init' ? 'created' : event;
};

/** "close 4404 reclaimed" */
export const messageText = ({ type, connId, closeCode, cause }: Message, names = OWN_NAMES): string =>
  [eventName(type), connId === '' ? '' : names.about(connId, roleOf(type)), closeCode ?? '', cause]
    .filter((part) => part !== '')
    .join(' ');

/** A connection is named by its role: a phone or a binary. */
const partyName = ({ kind, connId, role }: Party, names: Names): string =>
  kind === 'connection' ? names.party(connId, role) : kind;

/** "server → phone c-1"; only the actor for one of its own timers. */
export const route = ({ from, to }: TimelineEvent, names = OWN_NAMES): string => {
  if (from.kind === to.kind && from.connId === to.connId) return partyName(to, names);
  // The owner of the socket is named only if the recipient does not show it.
  const isSocketOfAnother = from.kind === 'socket' && to.kind !== 'connection';
  const sender = isSocketOfAnother
    ? `socket of ${names.party(from.connId, from.role)}`
    : partyName(from, names);
  return `${sender} → ${partyName(to, names)}`;
};

/** The whole event in one line, with all that is known. */
export const sentence = (event: TimelineEvent, names = OWN_NAMES): string => {
  const { message, state, isIgnored } = event;
  const outcome = isIgnored ? ' (ignored)' : state === '' ? '' : `, now ${state}`;
  return `${route(event, names)}: ${messageText(message, names)}${outcome}`;
};

export const isRefusal = ({ message }: TimelineEvent): boolean => message.type === 'refuse';

/** "4.2 s", "24 s", "2 min 5 s" */
export const duration = (ms: number): string => {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return seconds < 100 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};
