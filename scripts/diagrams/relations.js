/**
 * Which part creates or tells which: the list behind the overview. test/diagrams/relations.test.ts compares it with a
 * running relay, and fails on an event that is missing here or is never sent.
 *
 * `creates` and `tells` point at an actor, and inspection sees them. `orders` and `reports` are emitted events: orders are
 * carried out on a socket, reports go to the log, the metrics and the data plane. `wire` bypasses the charts.
 */

/** @typedef {'host' | 'relay' | 'directory' | 'server' | 'connection' | 'push' | 'wake' | 'transport' | 'phone' | 'binary'} Party */
/** @typedef {{ readonly id: Party, readonly description: string, readonly isActor: boolean }} Part */
/**
 * `steps` numbers the events of one phone's life, which docs/charts.md describes; '' stands for the relation itself.
 * `isPassedOn`: the directory passes these events on; the sender asks it to with a `tell.*`.
 * @typedef {{
 *   readonly from: Party, readonly to: Party, readonly how: 'creates' | 'tells' | 'orders' | 'reports' | 'wire',
 *   readonly events: readonly string[], readonly steps?: Readonly<Record<string, number>>, readonly isPassedOn?: true,
 * }} Relation
 */

/** @type {readonly Part[]} */
export const PARTS = [
  { id: 'host', description: 'createRelay: starts and stops it all', isActor: false },
  { id: 'relay', description: 'the relay as a whole', isActor: true },
  {
    id: 'directory',
    description: 'all servers and connections; passes events between them',
    isActor: true,
  },
  { id: 'server', description: 'one per server-id: who holds it, which phones', isActor: true },
  { id: 'connection', description: 'one per socket: heartbeat and closing', isActor: true },
  { id: 'push', description: 'the credential of the push service', isActor: true },
  { id: 'wake', description: 'one per wake of a phone that is away', isActor: true },
  { id: 'transport', description: 'HTTP, WebSockets, frames; carries out orders', isActor: false },
  { id: 'phone', description: 'up to 16 per server-id', isActor: false },
  { id: 'binary', description: 'pyry, behind NAT: one per server-id', isActor: false },
];

/** @type {readonly Relation[]} */
export const RELATIONS = [
  { from: 'host', to: 'relay', how: 'creates', events: [] },
  { from: 'host', to: 'relay', how: 'tells', events: ['drain', 'drain.now'] },
  // The listeners stop.
  { from: 'relay', to: 'host', how: 'orders', events: ['accepting.ended'] },
  { from: 'relay', to: 'host', how: 'reports', events: ['push.failed'] },
  { from: 'relay', to: 'directory', how: 'creates', events: [] },
  { from: 'relay', to: 'directory', how: 'tells', events: ['drain'] },
  { from: 'directory', to: 'relay', how: 'tells', events: ['directory.emptied'] },
  { from: 'directory', to: 'server', how: 'creates', events: [] },
  // Includes `left` and `ended` on behalf of a connection whose chart threw.
  {
    from: 'directory',
    to: 'server',
    how: 'tells',
    events: ['binary.claimed', 'phone.registered', 'drain'],
    steps: { 'phone.registered': 3 },
  },
  { from: 'directory', to: 'connection', how: 'creates', events: [], steps: { '': 3 } },
  // Refuses connections while draining, closes those of a server whose chart threw, and bounds those that are closing.
  { from: 'directory', to: 'connection', how: 'tells', events: ['refuse', 'close', 'cut'] },
  // XState itself tells the parent when an actor ends.
  {
    from: 'server',
    to: 'directory',
    how: 'tells',
    events: ['tell.connections', 'done', 'error'],
  },
  {
    from: 'connection',
    to: 'directory',
    how: 'tells',
    events: ['tell.server', 'connection.closing', 'done'],
  },
  {
    from: 'server',
    to: 'connection',
    how: 'tells',
    isPassedOn: true,
    events: ['admit', 'refuse', 'close', 'probe', 'notify'],
    steps: { admit: 4, notify: 10 },
  },
  {
    from: 'connection',
    to: 'server',
    how: 'tells',
    isPassedOn: true,
    events: [
      'binary.answered',
      'binary.left',
      'phone.left',
      'phone.ended',
      'phone.dismissed',
      'phone.unheard',
    ],
    steps: { 'phone.left': 8, 'phone.ended': 9 },
  },
  {
    from: 'transport',
    to: 'directory',
    how: 'tells',
    events: ['connection.dialled'],
    steps: { 'connection.dialled': 2 },
  },
  {
    from: 'transport',
    to: 'connection',
    how: 'tells',
    events: [
      'peer.heard',
      'probe.answered',
      'socket.paused',
      'socket.resumed',
      'message.stalled',
      'write.stalled',
      'backlog.overflowed',
      'backlog.shed',
      'message.rejected',
      'frame.unheard',
      'directive.received',
      'token.revoked',
      'fault.found',
      'peer.closed',
      'protocol.violated',
      'backlog.flushed',
      'backlog.acknowledged',
      'close.written',
      'socket.ended',
    ],
    steps: { 'peer.heard': 6, 'peer.closed': 7, 'socket.ended': 9 },
  },
  {
    from: 'directory',
    to: 'transport',
    how: 'reports',
    events: [
      'connection.created',
      'server.created',
      'server.failed',
      'connection.failed',
      'event.undeliverable',
    ],
  },
  {
    from: 'server',
    to: 'transport',
    how: 'reports',
    events: ['phone.dismissed', 'notice.lost', 'grace.started', 'grace.expired'],
  },
  {
    from: 'connection',
    to: 'transport',
    how: 'orders',
    events: [
      'ping.due',
      'probe.due',
      'notice.due',
      'discard.due',
      'flush.due',
      'close.due',
      'end.due',
      'cut.due',
    ],
    steps: { 'ping.due': 6, 'end.due': 7, 'notice.due': 11 },
  },
  {
    from: 'connection',
    to: 'transport',
    how: 'reports',
    events: [
      'connection.admitted',
      'connection.refused',
      'connection.left',
      'connection.cut_short',
      'connection.ended',
    ],
  },
  { from: 'relay', to: 'push', how: 'creates', events: [] },
  { from: 'relay', to: 'push', how: 'tells', events: ['end'] },
  { from: 'push', to: 'relay', how: 'tells', events: ['done'] },
  { from: 'push', to: 'wake', how: 'creates', events: [] },
  {
    from: 'push',
    to: 'wake',
    how: 'tells',
    events: ['credential.ready', 'credential.failed', 'cancel'],
  },
  { from: 'wake', to: 'push', how: 'tells', events: ['wake.ended', 'credential.refused', 'done'] },
  {
    from: 'transport',
    to: 'push',
    how: 'tells',
    events: ['wake.admitted', 'credential.answered', 'provider.changed', 'provider.confirmed'],
  },
  { from: 'push', to: 'transport', how: 'orders', events: ['credential.due', 'credential.settled'] },
  { from: 'push', to: 'transport', how: 'reports', events: ['wake.created', 'wake.ended', 'wake.failed'] },
  { from: 'transport', to: 'wake', how: 'tells', events: ['send.answered'] },
  { from: 'wake', to: 'transport', how: 'orders', events: ['send.due'] },
  {
    from: 'phone',
    to: 'transport',
    how: 'wire',
    events: ['dials', 'bare frames'],
    steps: { dials: 1, 'bare frames': 5 },
  },
  { from: 'transport', to: 'phone', how: 'wire', events: ['bare frames', 'close codes'] },
  { from: 'binary', to: 'transport', how: 'wire', events: ['envelopes', 'directives'] },
  {
    from: 'transport',
    to: 'binary',
    how: 'wire',
    events: ['envelopes', 'close notices'],
    steps: { envelopes: 5, 'close notices': 11 },
  },
];

/**
 * The kind of a relation, in words; '' where the events say it all.
 * @param {Relation} relation
 */
export const relationKind = ({ how, isPassedOn }) => {
  if (how === 'wire') return '';
  return isPassedOn ? `${how}, by way of the directory` : how;
};
