/**
 * What the server chart must tell each connection in a step: each one that joins, leaves or changes place is told once, and
 * no other is told anything. Derived from the places before and after the step, not from the chart's structure.
 */
import type { DirectoryRequest } from '../machines/directory-request.ts';
import type { ServerSnapshot } from '../machines/server-view.ts';
import { stepPurely } from '../testing/pure-logic.ts';
import { type ModelEvent, type ServerLogic, situationOf } from './server-graph.ts';

type Place = 'phone' | 'holder' | 'in line' | 'outside';

const placeOf = (snapshot: ServerSnapshot, connId: string): Place => {
  const { phones, claimants, binaryId } = snapshot.context;
  if (phones.includes(connId)) return 'phone';
  if (claimants.includes(connId)) return 'in line';
  const { slot } = situationOf(snapshot);
  return connId === binaryId && (slot === 'live' || slot === 'probing') ? 'holder' : 'outside';
};

/** What a connection must be told, given its place before and after, unless it has left by itself. */
const dueTo = (before: Place, after: Place, isDialling: boolean): string[] => {
  if (isDialling) return after === 'outside' ? ['refuse'] : after === 'in line' ? [] : ['admit'];
  if (before === after) return [];
  if (before === 'in line') return after === 'holder' ? ['admit'] : ['refuse'];
  return after === 'outside' ? ['close'] : ['no such change'];
};

const isRequest = (event: {
  readonly type: string;
}): event is DirectoryRequest & { type: 'tell.connections' } => event.type === 'tell.connections';

const DIALS: ReadonlySet<string> = new Set(['binary.claimed', 'phone.registered']);
const DEPARTURES: ReadonlySet<string> = new Set(['binary.left', 'phone.left']);

/** "p1 must be told close, but is told nothing", for each connection that is told the wrong thing in this step. */
export const wronglyTold = (
  machine: ServerLogic,
  before: ServerSnapshot,
  event: ModelEvent,
  after: ServerSnapshot,
): string[] => {
  const told = stepPurely(machine, before, event).sent.filter(isRequest);
  const senderId: unknown = Reflect.get(event, 'connId');
  const { binaryId } = before.context;
  const ids = new Set([
    ...told.flatMap(({ connIds }) => connIds),
    ...before.context.phones,
    ...before.context.claimants,
    ...after.context.phones,
    ...after.context.claimants,
    ...[binaryId, after.context.binaryId, senderId].filter((id) => typeof id === 'string'),
  ]);
  return [...ids].flatMap((connId) => {
    const got = told.filter(({ connIds }) => connIds.includes(connId)).map((request) => request.event.type);
    const isSender = connId === senderId;
    const due =
      isSender && DEPARTURES.has(event.type)
        ? []
        : dueTo(placeOf(before, connId), placeOf(after, connId), isSender && DIALS.has(event.type));
    if (event.name === 'phone ended' && placeOf(before, connId) === 'holder') due.push('notify');
    const isProbed =
      event.name === 'claim' && situationOf(before).slot === 'live' && placeOf(before, connId) === 'holder';
    if (isProbed) due.push('probe');
    return got.join() === due.join()
      ? []
      : [`${connId} must be told ${due.join() || 'nothing'}, but is told ${got.join() || 'nothing'}`];
  });
};
