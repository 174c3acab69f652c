/**
 * What the generated paths do not exercise of a relay that runs, with the reason. The charts themselves are covered without
 * exception: `coverage.test.ts`.
 */

/** Each reason, with the parts that it is for. */
const byReason = (reasons: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(reasons).flatMap(([reason, names]) => names.map((name) => [name, reason])),
  );

const on = (state: string, event: string, index: number, target: string): string =>
  `connection.${state} on ${event} [${index}] → ${target === 'itself' ? target : `connection.${target}`}`;
const timer = (state: string, delay: string, target: string): readonly string[] => [
  on(state, `xstate.after.${delay}.connection.${state}`, 0, target),
  `${delay} of connection.${state}: fires`,
];

export const SERVER_EXCEPTIONS = byReason({
  'the event that creates the actor leaves this state in the same turn': [
    'server.unclaimed on drain [0] → server.released',
  ],
  'a race: the connection was let go while its own event was on its way; test/model/system-graph.test.ts': [
    'server.claimed on phone.unheard [0] isRegistered: does not hold',
    'server.claimed.held on binary.left [0] isHolder: does not hold',
    'server.claimed.held.probing on binary.answered [0] isHolder: does not hold',
    'server.claimed.held on phone.ended [0] registeredUnderThisBinary: does not hold',
    'server.claimed.grace on phone.ended [0] registeredUnderThisBinary: does not hold',
  ],
  'a path dismisses phones that are connected; test/machines/server-properties.test.ts': [
    'server.claimed.held on phone.dismissed [0] isRegistered: does not hold',
  ],
});

export const CONNECTION_EXCEPTIONS = byReason({
  'no path is as long as a heartbeat; test/transport/signs-of-life.test.ts, test/integration/slow-links.test.ts':
    [
      'connection.open.quiet',
      'connection.open.pinged',
      ...timer('open.fresh', 'firstHeartbeat', 'open.pinged'),
      ...timer('open.quiet', 'heartbeatInterval', 'open.pinged'),
      'heartbeatInterval of connection.open.quiet: is cancelled',
      on('open.pinged', 'peer.heard', 0, 'open.quiet'),
      ...timer('open.pinged', 'heartbeatTimeout', 'closing'),
      'heartbeatTimeout of connection.open.pinged: is cancelled',
    ],
  'a path sends too little to be paused; test/integration/backpressure.test.ts': [
    'connection.open.suspended',
    on('open.fresh', 'socket.paused', 0, 'open.suspended'),
    on('open.quiet', 'socket.paused', 0, 'open.suspended'),
    on('open.pinged', 'socket.paused', 0, 'open.suspended'),
    on('open.suspended', 'socket.resumed', 0, 'open.quiet'),
  ],
  'a path sends too little to stall or to fill a queue; test/integration/stalls.test.ts, test/integration/memory-limits.test.ts':
    [
      on('open', 'message.stalled', 0, 'closing.cut'),
      on('open', 'write.stalled', 0, 'closing'),
      on('open', 'write.stalled', 1, 'closing'),
      'connection.open on write.stalled [0] isBinary: holds',
      'connection.open on write.stalled [0] isBinary: does not hold',
      on('open', 'backlog.overflowed', 0, 'closing'),
      on('open', 'backlog.shed', 0, 'closing'),
      on('waiting', 'backlog.shed', 0, 'closing'),
      on('closing', 'backlog.shed', 0, 'closing.cut'),
      on('closing.cut', 'backlog.shed', 0, 'itself'),
      on('refused', 'backlog.shed', 0, 'refused.cut'),
      on('refused.cut', 'backlog.shed', 0, 'itself'),
      on('closing.flushing', 'write.stalled', 0, 'closing.writing'),
    ],
  'no peer of a path breaks the WebSocket protocol; test/integration/close-handshake.test.ts': [
    'connection.closing.objecting',
    on('open', 'protocol.violated', 0, 'closing.objecting'),
    on('waiting', 'protocol.violated', 0, 'closing.objecting'),
    ...timer('closing.objecting', 'closeWriteTimeout', 'closing.answering'),
    'closeWriteTimeout of connection.closing.objecting: is cancelled',
  ],
  'the peers of the paths answer a close; test/integration/closing-bound.test.ts, test/integration/close-handshake.test.ts':
    [
      'connection.closing.cut',
      'connection.refused.cut',
      on('closing', 'cut', 0, 'closing.cut'),
      on('refused', 'cut', 0, 'refused.cut'),
      on('closing.flushing', 'peer.closed', 0, 'closing.finishing'),
      on('closing.writing', 'peer.closed', 0, 'closing.finishing'),
      on('refused.writing', 'peer.closed', 0, 'refused.finishing'),
      on('closing.writing', 'backlog.acknowledged', 0, 'closing.answering'),
      on('refused.writing', 'backlog.acknowledged', 0, 'refused.answering'),
      on('closing.answering', 'backlog.acknowledged', 0, 'closing.answering'),
      on('refused.answering', 'backlog.acknowledged', 0, 'refused.answering'),
      ...timer('closing.flushing', 'flushTimeout', 'closing.writing'),
      ...timer('closing.writing', 'closeWriteTimeout', 'closing.cut'),
      ...timer('closing.answering', 'closeAnswerTimeout', 'closing.cut'),
      ...timer('closing.finishing', 'closeWriteTimeout', 'closing.cut'),
      ...timer('refused.writing', 'closeWriteTimeout', 'refused.cut'),
      ...timer('refused.answering', 'closeAnswerTimeout', 'refused.cut'),
      ...timer('refused.finishing', 'closeWriteTimeout', 'refused.cut'),
    ],
  'nothing a peer does: a fault, a revoked token, an actor that failed; test/integration/actor-failure.test.ts, test/integration/binary-tokens.test.ts':
    [
      on('open', 'fault.found', 0, 'closing'),
      on('open', 'token.revoked', 0, 'closing'),
      on('waiting', 'fault.found', 0, 'closing'),
      on('waiting', 'token.revoked', 0, 'closing'),
      on('waiting', 'close', 0, 'closing'),
    ],
  'claimants in line say nothing in a path; test/integration/claims.test.ts': [
    on('waiting', 'message.rejected', 0, 'refused'),
  ],
});

const ofRelay = (state: string, event: string, index: number, target: string): string =>
  `relay.${state} on ${event} [${index}] → relay.${target}`;
const afterOf = (delay: string, state: string): string => `xstate.after.${delay}.relay.${state}`;
const bothWays = (state: string, event: string, index: number, guard: string): readonly string[] =>
  ['holds', 'does not hold'].map((outcome) => `relay.${state} on ${event} [${index}] ${guard}: ${outcome}`);

const DELAY = afterOf('drainDelay', 'draining.announcing');
const WAVE = afterOf('waveInterval', 'draining.spreading');
const DEADLINE = afterOf('drainDeadline', 'draining');

export const RELAY_EXCEPTIONS = byReason({
  'a fault of the actor that wakes phones; test/model/graph.test.ts takes it on the chart': [
    'relay on xstate.error.actor.push [0] → itself',
  ],
  'a path drains at once; with a delay and in waves: test/integration/shutdown.test.ts': [
    'relay.draining.spreading',
    ofRelay('serving', 'drain.now', 0, 'draining.closing'),
    ofRelay('draining.announcing', 'drain.now', 0, 'draining.closing'),
    ofRelay('draining.announcing', DELAY, 0, 'draining.closing'),
    ofRelay('draining.announcing', DELAY, 1, 'draining.spreading'),
    ofRelay('draining.announcing', 'always', 1, 'draining.spreading'),
    ofRelay('draining.spreading', 'directory.emptied', 0, 'draining.closing'),
    ofRelay('draining.spreading', WAVE, 0, 'draining.closing'),
    ofRelay('draining.spreading', WAVE, 1, 'draining.spreading'),
    ...bothWays('draining.announcing', DELAY, 0, 'isLastWave'),
    'relay.draining.announcing on always [0] isAtOnce: does not hold',
    ...bothWays('draining.announcing', 'always', 1, 'hasNoDelay'),
    ...bothWays('draining.spreading', WAVE, 0, 'isLastWave'),
    'drainDelay of relay.draining.announcing: fires',
    'waveInterval of relay.draining.spreading: fires',
    'waveInterval of relay.draining.spreading: is cancelled',
  ],
  'every peer of a path answers before the deadline; test/integration/shutdown.test.ts': [
    ofRelay('draining', DEADLINE, 0, 'stopped'),
    ofRelay('draining', DEADLINE, 1, 'stopped'),
    ...bothWays('draining', DEADLINE, 0, 'isClosing'),
    'drainDeadline of relay.draining: fires',
  ],
});
