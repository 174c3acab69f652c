/**
 * Who creates whom and who tells whom what: the one list behind the overview. test/diagrams/relations.test.ts holds it
 * against what a running relay does, and fails on an event that is missing here or that nobody sends.
 *
 * `creates` and `tells` end at an actor, and inspection sees them; `emits` starts at one. `wire` is what goes over a
 * socket, beside all charts.
 */

/** @typedef {'host' | 'relay' | 'directory' | 'server' | 'connection' | 'transport' | 'phone' | 'binary'} Party */
/** @typedef {{ readonly id: Party, readonly description: string, readonly isActor: boolean }} Part */
/**
 * `inShort` is what the picture says where it has no room for all events.
 * @typedef {{
 *   readonly from: Party, readonly to: Party, readonly how: 'creates' | 'tells' | 'emits' | 'wire',
 *   readonly events: readonly string[], readonly inShort?: string,
 * }} Relation
 */

/** @type {readonly Part[]} */
export const PARTS = [
  { id: 'host', description: 'createRelay: starts and stops it all', isActor: false },
  { id: 'relay', description: 'the relay as a whole', isActor: true },
  { id: 'directory', description: 'which server-ids and connections there are', isActor: true },
  { id: 'server', description: 'one actor per server-id: who holds it, which phones', isActor: true },
  { id: 'connection', description: 'one actor per socket: heartbeat and closing', isActor: true },
  { id: 'transport', description: 'HTTP, WebSockets, frames; does what actors emit', isActor: false },
  { id: 'phone', description: 'up to 16 per server-id', isActor: false },
  { id: 'binary', description: 'pyry, behind NAT: one per server-id', isActor: false },
];

/** @type {readonly Relation[]} */
export const RELATIONS = [
  { from: 'host', to: 'relay', how: 'creates', events: [] },
  { from: 'host', to: 'relay', how: 'tells', events: ['drain', 'directory.emptied'] },
  { from: 'relay', to: 'directory', how: 'creates', events: [] },
  { from: 'relay', to: 'directory', how: 'tells', events: ['drain'] },
  { from: 'directory', to: 'server', how: 'creates', events: [] },
  { from: 'directory', to: 'server', how: 'tells', events: ['binary.claimed', 'phone.registered', 'drain'] },
  { from: 'directory', to: 'connection', how: 'creates', events: [] },
  // Only to the connections of a server actor that threw.
  { from: 'directory', to: 'connection', how: 'tells', events: ['close'] },
  // An actor that ends tells its parent, by XState's own events.
  { from: 'server', to: 'directory', how: 'tells', events: ['done', 'error'], inShort: 'its end' },
  { from: 'connection', to: 'directory', how: 'tells', events: ['done'], inShort: 'its end' },
  { from: 'transport', to: 'directory', how: 'tells', events: ['connection.dialled'] },
  {
    from: 'transport',
    to: 'server',
    how: 'tells',
    events: [
      'binary.answered',
      'binary.left',
      'phone.unregistered',
      'phone.dismissed',
      'phone.unheard',
      'phone.ended',
    ],
  },
  {
    from: 'transport',
    to: 'connection',
    how: 'tells',
    inShort: 'what happens on its socket; admitted; close',
    events: [
      'admitted',
      'close',
      'pong.received',
      'socket.paused',
      'socket.resumed',
      'message.stalled',
      'write.stalled',
      'backlog.overflowed',
      'message.rejected',
      'peer.closing',
      'protocol.violated',
      'backlog.flushed',
      'close.written',
      'socket.closed',
    ],
  },
  {
    from: 'directory',
    to: 'transport',
    how: 'emits',
    inShort: 'created, refused, failed',
    events: [
      'connection.created',
      'server.created',
      'connection.refused',
      'server.failed',
      'connection.failed',
    ],
  },
  { from: 'directory', to: 'host', how: 'emits', events: ['directory.emptied'] },
  {
    from: 'server',
    to: 'transport',
    how: 'emits',
    inShort: 'admit, refuse, probe, evict; notices',
    events: [
      'binary.admitted',
      'binary.refused',
      'binary.probed',
      'binary.evicted',
      'phone.admitted',
      'phone.refused',
      'phone.evicted',
      'notice.due',
      'notice.lost',
      'grace.started',
      'grace.expired',
    ],
  },
  {
    from: 'connection',
    to: 'transport',
    how: 'emits',
    inShort: 'ping, flush, close, end, cut; left, ended',
    events: [
      'ping.due',
      'connection.left',
      'flush.due',
      'close.due',
      'end.due',
      'cut.due',
      'connection.ended',
    ],
  },
  { from: 'transport', to: 'phone', how: 'wire', events: [], inShort: 'bare frames, close codes' },
  { from: 'phone', to: 'transport', how: 'wire', events: [], inShort: 'bare frames' },
  { from: 'transport', to: 'binary', how: 'wire', events: [], inShort: 'envelopes, close notices' },
  { from: 'binary', to: 'transport', how: 'wire', events: [], inShort: 'envelopes, directives' },
];

/**
 * What one relation says in a picture.
 * @param {Relation} relation
 */
export const relationWords = ({ how, events, inShort = events.join(', ') }) => {
  if (how === 'creates') return how;
  return how === 'wire' ? inShort : `${how}: ${inShort}`;
};
