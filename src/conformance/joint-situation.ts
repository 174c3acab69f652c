/**
 * What can be observed of a joint run: its situation, and the events that can follow. Connections with the same possible
 * future are interchangeable: one represents all.
 */
import type { StateValue } from 'xstate';
import type { SocketEvent } from '../machines/connection-messages.ts';
import { type ConnectionSnapshot, isOpen, isWaiting } from '../machines/connection-view.ts';
import { SERVER_PREFIX } from '../machines/directory-actors.ts';
import { liveBinary } from '../machines/server-view.ts';
import { RELAY } from './actor-system.ts';
import { awaitsNotice } from './joint-invariants.ts';
import { connectionActor, type JointEvent, type JointRun, SERVER_ID } from './joint-run.ts';
import { situationOf } from './server-graph.ts';

export interface ObservationLimits {
  readonly mostInLine: number;
  /** Maximum connections at once, including closing ones. No more dial. */
  readonly mostConnections: number;
  /**
   * True to explore each state of a closing separately; false to treat all as one. They differ only in what the closing
   * connection does by itself, so separating them multiplies the situations and adds little.
   */
  readonly tellsClosingsApart: boolean;
}

export interface JointSituation {
  /** Equal for situations that differ only in ids. */
  readonly key: string;
  /** The key, with the states of a closing kept apart. */
  readonly exactKey: string;
  readonly offers: readonly JointEvent[];
}

const SERVER_ACTOR = `${SERVER_PREFIX}${SERVER_ID}`;

const pathOf = (value: StateValue): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value)
        .map(([key, of]) => (of === undefined ? key : `${key}.${pathOf(of)}`))
        .join();

/** The heartbeat state of an open connection affects no other actor. */
const exactStateOf = (snapshot: ConnectionSnapshot): string =>
  isOpen(snapshot) ? 'open' : pathOf(snapshot.value);

const stateOf = (snapshot: ConnectionSnapshot): string =>
  isOpen(snapshot) || isWaiting(snapshot) ? exactStateOf(snapshot) : 'closing';

/** The notice owed by the chart, and by the invariants. If they differ, further steps show it. */
const debtOf = (run: JointRun, { context }: ConnectionSnapshot): string => {
  const life = run.lives.get(context.connId);
  const expected = life !== undefined && awaitsNotice(life) ? ', notice awaited' : '';
  if (!context.isNoticeOwed) return expected;
  const isCurrent = run.server !== undefined && liveBinary(run.server) === context.binaryId;
  return `${expected}, notice owed${isCurrent ? '' : ' to nobody'}`;
};

const keyOf = (run: JointRun, classes: ReadonlyMap<string, readonly string[]>): string => {
  const slot = run.server === undefined ? 'no server' : situationOf(run.server).slot;
  const counts = [...classes].map(([name, ids]) => `${ids.length} ${name}`);
  return [run.system.phase, slot, ...counts.toSorted()].join(' | ');
};

const classesOf = (
  run: JointRun,
  describe: (snapshot: ConnectionSnapshot) => string,
): ReadonlyMap<string, readonly string[]> => {
  const classes = new Map<string, string[]>();
  for (const [connId, ref] of run.system.connections) {
    const snapshot = ref.getSnapshot();
    const name = `${snapshot.context.role} ${describe(snapshot)}${debtOf(run, snapshot)}`;
    classes.set(name, [...(classes.get(name) ?? []), connId]);
  }
  return classes;
};

const IN_ANY_STATE: readonly SocketEvent[] = [
  { type: 'peer.closed' },
  { type: 'socket.ended', closeCode: 1006 },
];
const WHILE_WAITING: readonly SocketEvent[] = [{ type: 'fault.found' }, { type: 'protocol.violated' }];
const WHILE_OPEN: readonly SocketEvent[] = [
  ...WHILE_WAITING,
  { type: 'message.stalled' },
  { type: 'write.stalled' },
  { type: 'message.rejected', cause: 'not_json' },
];
/** Of a binary, in line or admitted. */
const REVOKED: SocketEvent = { type: 'token.revoked' };
const WHILE_CLOSING: readonly SocketEvent[] = [
  { type: 'backlog.flushed' },
  { type: 'write.stalled' },
  { type: 'close.written' },
];

/** The events that are possible for a connection in this state. Its timers are events too. */
const offersTo = (run: JointRun, connId: string, snapshot: ConnectionSnapshot): JointEvent[] => {
  const report = (event: SocketEvent): JointEvent => ({ type: 'report', connId, event });
  const common = IN_ANY_STATE.map(report);
  if (isWaiting(snapshot)) {
    const ofBinaries = snapshot.context.role === 'binary' ? [report(REVOKED)] : [];
    return [...common, ...WHILE_WAITING.map(report), ...ofBinaries];
  }
  if (!isOpen(snapshot)) {
    const hasTimer = run.timers.actorIds.includes(connectionActor(connId));
    const timer: JointEvent = { type: 'timer', actorId: connectionActor(connId) };
    return [...common, ...WHILE_CLOSING.map(report), ...(hasTimer ? [timer] : [])];
  }
  const own: SocketEvent[] =
    snapshot.context.role === 'phone'
      ? [{ type: 'frame.unheard' }, { type: 'backlog.overflowed', queue: 'phone' }]
      : [{ type: 'probe.answered' }, REVOKED];
  const offers = [...common, ...WHILE_OPEN.map(report), ...own.map(report)];
  return [...offers, { type: 'silence', connId }];
};

/** The holder dismisses one phone of each class, including phones that are already leaving. */
const dismissals = (holder: string, phones: readonly string[]): JointEvent[] =>
  phones.flatMap((connId) =>
    [false, true].map((isTooLong) => ({
      type: 'report' as const,
      connId: holder,
      event: { type: 'directive.received' as const, connId, closeCode: 4401, isTooLong },
    })),
  );

export const observe = (run: JointRun, limits: ObservationLimits): JointSituation => {
  const { system, server, timers } = run;
  const exactKey = keyOf(run, classesOf(run, exactStateOf));
  const classes = classesOf(run, limits.tellsClosingsApart ? exactStateOf : stateOf);
  const key = keyOf(run, classes);
  if (system.hasStopped) return { key, exactKey, offers: [] };
  // One of each class represents the others.
  const representatives = [...classes.values()].flatMap(([connId]) => connId ?? []);
  const phones = representatives.filter((connId) => run.lives.get(connId)?.role === 'phone');
  const holder = server === undefined ? null : liveBinary(server);
  const hasRoom = system.connections.size < limits.mostConnections;
  const mayClaim = hasRoom && (server?.context.claimants.length ?? 0) < limits.mostInLine;
  return {
    key,
    exactKey,
    offers: [
      ...(hasRoom ? [{ type: 'dial', role: 'phone' } as const] : []),
      ...(mayClaim ? [{ type: 'dial', role: 'binary' } as const] : []),
      ...representatives.flatMap((connId) => {
        const snapshot = system.connections.get(connId)?.getSnapshot();
        return snapshot === undefined ? [] : offersTo(run, connId, snapshot);
      }),
      ...(holder === null ? [] : dismissals(holder, phones)),
      ...[RELAY, SERVER_ACTOR]
        .filter((actorId) => timers.actorIds.includes(actorId))
        .map((actorId) => ({ type: 'timer', actorId }) as const),
      ...(system.phase === 'serving' ? [{ type: 'drain' } as const] : []),
    ],
  };
};
