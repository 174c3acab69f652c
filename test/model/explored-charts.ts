/** The graphs of the four production charts, explored with data for which each guard holds and does not. */
import type { AnyStateMachine, EventObject } from 'xstate';
import { exploreServer } from '../../src/conformance/server-graph.ts';
import { certificateMachine } from '../../src/machines/certificate-machine.ts';
import { connectionMachine } from '../../src/machines/connection-machine.ts';
import type { ConnectionEvent, ConnectionInput } from '../../src/machines/connection-messages.ts';
import { relayMachine } from '../../src/machines/relay-machine.ts';
import { DRAIN_WAVE_INTERVAL_MS } from '../../src/protocol/limits.ts';
import { explore } from '../../src/testing/explore.ts';

/** Timers are ordinary events here, also those that do not run: they must change nothing. */
export const timersOf = (machine: AnyStateMachine): EventObject[] =>
  machine.events.filter((type) => type.startsWith('xstate.after')).map((type) => ({ type }));

const TIMING = {
  heartbeatIntervalMs: 1,
  heartbeatTimeoutMs: 1,
  flushTimeoutMs: 1,
  closeWriteTimeoutMs: 1,
  closeAnswerTimeoutMs: 1,
};

const CONNECTION: ConnectionInput = {
  connId: 'c',
  role: 'phone',
  serverId: 's',
  timing: TIMING,
  firstHeartbeatMs: 1,
};

const EVICTION = {
  type: 'close',
  close: { closeCode: 4404, reason: '' },
  cause: 'directive',
  isNoticeOwed: false,
} as const;

export const CONNECTION_EVENTS: readonly ConnectionEvent[] = [
  { type: 'admit', binaryId: 'b', admission: 'registration' },
  { type: 'refuse', close: EVICTION.close },
  { ...EVICTION, flush: false },
  { ...EVICTION, flush: true },
  { ...EVICTION, flush: false, isNoticeOwed: true },
  { type: 'probe' },
  { type: 'cut' },
  { type: 'notify', connId: 'p', closeCode: 1000 },
  { type: 'peer.heard' },
  { type: 'probe.answered' },
  { type: 'socket.paused' },
  { type: 'socket.resumed' },
  { type: 'message.stalled' },
  { type: 'write.stalled' },
  { type: 'backlog.overflowed', queue: 'phone' },
  { type: 'backlog.shed' },
  { type: 'message.rejected', cause: 'not_json' },
  { type: 'frame.unheard' },
  { type: 'directive.received', connId: 'p', closeCode: 4401, isTooLong: false },
  { type: 'backlog.acknowledged' },
  { type: 'token.revoked' },
  { type: 'fault.found' },
  { type: 'peer.closed' },
  { type: 'protocol.violated' },
  { type: 'backlog.flushed' },
  { type: 'close.written' },
  { type: 'socket.ended', closeCode: 1006 },
];

export const exploreConnection = (role: ConnectionInput['role']) =>
  explore<typeof connectionMachine, EventObject>(connectionMachine, {
    input: { ...CONNECTION, role },
    events: [...CONNECTION_EVENTS, ...timersOf(connectionMachine)],
    addTimers: false,
    key: ({ value, context }) =>
      JSON.stringify([value, context.binaryId, context.order, context.isNoticeOwed]),
  });

/** XState's own event, when the actor that wakes phones has failed. */
const PUSH_FAILED = { type: 'xstate.error.actor.push', error: null };

/** Each way to drain: at once, after a delay, in waves, and both. */
export const exploreRelay = () =>
  [
    { delayMs: 0, spreadMs: 0 },
    { delayMs: 1, spreadMs: 0 },
    { delayMs: 0, spreadMs: 3 * DRAIN_WAVE_INTERVAL_MS },
    { delayMs: 1, spreadMs: 3 * DRAIN_WAVE_INTERVAL_MS },
  ].map((drain) =>
    explore<typeof relayMachine, EventObject>(relayMachine, {
      input: {
        drain: { ...drain, deadlineMs: 1 },
        directory: {
          maxPhones: 1,
          serverTiming: { graceMs: 1, probeTimeoutMs: 1 },
          connectionTiming: TIMING,
          spread: () => 0,
        },
      },
      events: [
        { type: 'drain' },
        { type: 'drain.now' },
        { type: 'directory.emptied' },
        PUSH_FAILED,
        ...timersOf(relayMachine),
      ],
      addTimers: false,
      key: ({ value, context }) => JSON.stringify([value, context.wavesLeft]),
      limit: 100,
    }),
  );

const NOW_MS = 10;
const [PAST_MS, FUTURE_MS] = [5, 20];

/** As the cache may be found: no certificate or one that is due, an order that has failed, and a fresh one. */
export const CERTIFICATE_STARTS = [
  { orderAtMs: PAST_MS, hasFailed: false },
  { orderAtMs: FUTURE_MS, hasFailed: true },
  { orderAtMs: FUTURE_MS, hasFailed: false },
].map(({ orderAtMs, hasFailed }) => ({ orderAtMs, hasFailed, nowMs: () => NOW_MS }));

export const exploreCertificate = () =>
  CERTIFICATE_STARTS.flatMap((input) =>
    explore<typeof certificateMachine, EventObject>(certificateMachine, {
      input,
      events: [
        ...[PAST_MS, FUTURE_MS].flatMap((atMs) => [
          { type: 'order.succeeded', renewAtMs: atMs },
          { type: 'order.failed', retryAtMs: atMs },
        ]),
        { type: 'end' },
        ...timersOf(certificateMachine),
      ],
      addTimers: false,
    }),
  );

/** The chart of one server-id: a cap of 1, and the line of claimants up to its limit. */
export const exploreServers = () => [
  ...exploreServer({ maxPhones: 1, mostPhones: 1, mostInLine: 1 }),
  ...exploreServer({ maxPhones: 1, mostPhones: 0, mostInLine: 16 }),
];
