/** Converts each event to arrows of a sequence diagram: between two lifelines, or between a lifeline and its socket. */
import type { Message, Party, TimelineEvent } from '../updates.ts';
import { edgeHook } from './chart-hooks.ts';
import { type Names, OWN_NAMES } from './peer-names.ts';
import { isRefusal, messageText, sentence } from './words.ts';

export interface Arrow {
  /** Key of a lifeline; `to` is one too. */
  readonly from: string;
  /** Equal to `from` for an actor's own timers, and for sockets. */
  readonly to: string;
  readonly text: string;
  /** The whole event in words. */
  readonly title: string;
  readonly kind: 'told' | 'refused' | 'ignored' | 'self' | 'from-socket' | 'to-socket';
  readonly atMs: number;
  /** Whether the lifeline of `to` ends here. */
  readonly isEnd: boolean;
  /** The lifeline that ends here if this is the last that is known of it: of the past, ends are not recorded. */
  readonly leaving: string | undefined;
  /** The chart transitions that the event caused. */
  readonly hooks: readonly string[];
}

export interface Lifeline {
  readonly side: 'binary' | 'server' | 'phone';
  readonly name: string;
}

/** Enough to distinguish the connections of one server-id: "c-" and six digits. */
const SHORT_ID_CHARS = 8;

/** The server actor has the key '', a connection its conn id. */
export const SERVER = '';
export const SERVER_LIFELINE: Lifeline = { side: 'server', name: 'server' };

/** The conn id of the connection, or of the connection that owns the socket. */
export const lifelineOf = ({ role, connId }: Party, names: Names): Lifeline => ({
  side: role === 'phone' ? 'phone' : 'binary',
  name: names === OWN_NAMES ? `${role} ${connId.slice(0, SHORT_ID_CHARS)}` : names.party(connId, role),
});

/** Ids are shortened as in the names of lifelines. */
const shortText = (message: Message, names: Names): string =>
  names === OWN_NAMES
    ? messageText({ ...message, connId: message.connId.slice(0, SHORT_ID_CHARS) })
    : messageText(message, names);

const kindOf = (event: TimelineEvent): Arrow['kind'] => {
  if (event.isIgnored) return 'ignored';
  return isRefusal(event) ? 'refused' : 'told';
};

const leaverOf = ({ from, to, message: { type } }: TimelineEvent): string | undefined => {
  if (type === 'close' || type === 'refuse' || type === 'cut') return to.connId;
  return ['phone.left', 'phone.ended', 'binary.left'].includes(type) ? from.connId : undefined;
};

/** The arrow of the event itself. */
const toldArrow = (event: TimelineEvent, names: Names): Arrow => {
  const { from, to, message, state, atMs } = event;
  const common = {
    title: sentence(event, names),
    atMs,
    isEnd: to.kind === 'connection' && state === 'ended',
    leaving: leaverOf(event),
    hooks: event.taken.map(edgeHook),
  };
  const text = shortText(message, names);
  if (from.kind === 'socket') {
    return { ...common, from: from.connId, to: from.connId, text, kind: 'from-socket' };
  }
  // The directory has no lifeline. The arrow starts at a connection that has just dialled, otherwise at the recipient itself.
  const sender = from.kind === 'directory' ? message.connId || to.connId : from.connId;
  if (sender === to.connId) return { ...common, from: sender, to: sender, text, kind: 'self' };
  const spoken = from.kind === 'directory' ? messageText({ ...message, connId: '' }) : text;
  return { ...common, from: sender, to: to.connId, text: spoken, kind: kindOf(event) };
};

export const arrowsOf = (event: TimelineEvent, names: Names): Arrow[] => {
  const told = toldArrow(event, names);
  if (event.orders.length === 0) return [told];
  const { connId, role } = event.to;
  const text = event.orders.map((order) => shortText(order, names)).join(', ');
  const title = `${names.party(connId, role)} → socket: ${text}`;
  return [
    told,
    { ...told, from: connId, to: connId, text, title, kind: 'to-socket', isEnd: false, leaving: undefined },
  ];
};
