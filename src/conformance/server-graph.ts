/**
 * The graph of the production server chart, explored with `@xstate/graph`: every situation that the chart can be in, and
 * the result of each wire event. It does not say what is right: `expectations.ts` does.
 */
import type { EventObject, SnapshotFrom } from 'xstate';
import { serverMachine } from '../machines/server-machine.ts';
import type { ServerEvent, ServerInput } from '../machines/server-messages.ts';
import { explore } from '../testing/explore.ts';
import { isWireEvent, type Situation, type WireEvent } from './wire-events.ts';

type ServerSnapshot = SnapshotFrom<typeof serverMachine>;

/** Events that the chart can be sent although no peer can cause them by itself on the wire. */
export type InnerEvent =
  | 'unheard while held'
  /** On the wire, a holder that speaks has answered the probe. */
  | 'dismissed while probed'
  | 'dismissed illegally while probed'
  | 'dismissed, too long'
  | 'phone ended'
  | 'phone of another ended'
  /** Of connections that the chart has already let go: what they still say must change nothing. */
  | 'a former binary leaves'
  | 'a former binary answers'
  | 'a former phone is unheard'
  | 'a former phone is dismissed';

/** An event of the chart, with its wire name if it can happen on the wire. */
export interface ModelEvent extends EventObject {
  readonly name: WireEvent | InnerEvent;
}

export interface Edge {
  readonly from: Situation;
  readonly event: WireEvent;
  readonly to: Situation;
}

export interface GraphOptions {
  /** As the target is configured; 0 or less for no cap. */
  readonly maxPhones: number;
  /** Maximum phones to explore: the cap, or a chosen number if there is none. */
  readonly mostPhones: number;
  /** Maximum claimants to explore. The chart takes 16; two show everything except the seventeenth. */
  readonly mostInLine: number;
}

export const GRACE_TIMER = 'xstate.after.gracePeriod.server.claimed.grace';
export const PROBE_TIMER = 'xstate.after.probeTimeout.server.claimed.held.probing';
type Timer = typeof GRACE_TIMER | typeof PROBE_TIMER;

/** Frames bypass the chart, so this event changes nothing. */
const FRAME = { type: 'frame passes' } as const;

/** Exploring fails beyond this many states: a chart that grew without bound would otherwise never finish. */
const MOST_STATES = 10_000;

export const situationOf = (snapshot: ServerSnapshot): Situation => {
  const { phones, claimants } = snapshot.context;
  const counts = { phones: phones.length, line: claimants.length };
  if (snapshot.matches('unclaimed')) return { slot: 'unclaimed', ...counts };
  if (snapshot.matches('released')) return { slot: 'released', ...counts };
  if (snapshot.matches({ claimed: 'grace' })) return { slot: 'grace', ...counts };
  return { slot: snapshot.matches({ claimed: { held: 'probing' } }) ? 'probing' : 'live', ...counts };
};

/** The lowest unused number. Ids are interchangeable. */
const nextId = (prefix: string, used: readonly (string | null)[]): string => {
  let n = 1;
  while (used.includes(`${prefix}${n}`)) n++;
  return `${prefix}${n}`;
};

/**
 * The wire events that are possible in this state, as chart events. This list replaces the library's defaults, so a
 * missing event would vanish from the graph: a test checks that the graph has every transition of the chart.
 */
const eventsIn = (snapshot: ServerSnapshot, options: GraphOptions): ModelEvent[] => {
  const { binaryId, phones, claimants } = snapshot.context;
  const { slot } = situationOf(snapshot);
  if (slot === 'released') return [];
  const isHeld = slot === 'live' || slot === 'probing';
  const events: ModelEvent[] = [];
  const add = (
    name: ModelEvent['name'],
    event: ServerEvent | typeof FRAME | { readonly type: Timer },
  ): void => {
    events.push({ ...event, name });
  };
  const oldest = phones[0];
  const newest = phones.at(-1);

  // Comes first, so that of two paths of equal length the search finds the one that registers before a timer runs.
  if (phones.length <= options.mostPhones) {
    add('register', { type: 'phone.registered', connId: nextId('p', phones) });
  }
  if (slot !== 'probing' || claimants.length <= options.mostInLine) {
    add('claim', { type: 'binary.claimed', connId: nextId('b', [binaryId, ...claimants]) });
  }
  if (newest !== undefined) {
    add('phone leaves', { type: 'phone.left', connId: newest });
    add('phone drops', { type: 'phone.left', connId: newest });
  }
  if (oldest !== undefined) {
    add('phone sends', isHeld ? FRAME : { type: 'phone.unheard', connId: oldest });
    add('phone sends bad JSON', { type: 'phone.left', connId: oldest });
  }
  if (oldest !== undefined && isHeld) {
    const dismissal = { type: 'phone.dismissed', connId: oldest, isTooLong: false } as const;
    const isProbing = slot === 'probing';
    add(isProbing ? 'dismissed while probed' : 'dismiss', { ...dismissal, closeCode: 4401 });
    add(isProbing ? 'dismissed illegally while probed' : 'dismiss illegally', {
      ...dismissal,
      closeCode: 999,
    });
    add('dismissed, too long', { ...dismissal, closeCode: 4401, isTooLong: true });
    add('unheard while held', { type: 'phone.unheard', connId: oldest });
  }
  if (binaryId !== null && isHeld) {
    add('holder leaves', { type: 'binary.left', connId: binaryId });
    add('holder drops', { type: 'binary.left', connId: binaryId });
  }
  if (slot === 'live') add('time passes', { type: GRACE_TIMER });
  if (slot === 'grace') add('grace passes', { type: GRACE_TIMER });
  const [first] = claimants;
  const last = claimants.at(-1);
  if (slot === 'probing' && binaryId !== null && first !== undefined && last !== undefined) {
    add('holder answers', { type: 'binary.answered', connId: binaryId });
    add('holder is silent', { type: PROBE_TIMER });
    add('first in line leaves', { type: 'binary.left', connId: first });
    if (claimants.length > 1) add('last in line leaves', { type: 'binary.left', connId: last });
  }
  add('drain', { type: 'drain' });
  const formerBinary = nextId('b', [binaryId, ...claimants]);
  const formerPhone = nextId('p', phones);
  if (slot !== 'unclaimed') add('a former phone is unheard', { type: 'phone.unheard', connId: formerPhone });
  if (isHeld) {
    const dismissal = { closeCode: 4401, isTooLong: false } as const;
    add('a former binary leaves', { type: 'binary.left', connId: formerBinary });
    add('a former binary answers', { type: 'binary.answered', connId: formerBinary });
    add('a former phone is dismissed', { type: 'phone.dismissed', connId: formerPhone, ...dismissal });
  }
  if (binaryId !== null) {
    const end = { type: 'phone.ended', connId: formerPhone, closeCode: 1000 } as const;
    add('phone ended', { ...end, binaryId });
    add('phone of another ended', { ...end, binaryId: nextId('b', [binaryId]) });
  }
  return events;
};

const keyOf = (snapshot: ServerSnapshot): string => {
  const { slot, phones, line } = situationOf(snapshot);
  return `${slot}|${phones}|${line}`;
};

const inputOf = (maxPhones: number): ServerInput => ({
  serverId: 'model',
  maxPhones,
  timing: { graceMs: 1, probeTimeoutMs: 1 },
});

export type ServerLogic = typeof serverMachine;

/** Edges with the chart's own snapshots, for callers that inspect them. */
export const exploreServer = (options: GraphOptions, machine: ServerLogic = serverMachine) =>
  explore<ServerLogic, ModelEvent>(machine, {
    input: inputOf(options.maxPhones),
    events: (snapshot) => eventsIn(snapshot, options),
    // The list has timers too, also some that do not run: they must change nothing.
    addTimers: false,
    key: keyOf,
    name: ({ name }) => name,
    limit: MOST_STATES,
  });

/** The result of each wire event in each situation of the chart. */
export const serverGraph = (options: GraphOptions, machine?: ServerLogic): Edge[] =>
  exploreServer(options, machine).flatMap(({ state, trigger: { name }, nextState }) =>
    isWireEvent(name) ? [{ from: situationOf(state), event: name, to: situationOf(nextState) }] : [],
  );
