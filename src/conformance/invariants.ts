/**
 * Invariants of every state that the server chart can reach and of every step it can take. They know the chart's purpose,
 * but nothing of its structure.
 */
import { serverMachine } from '../machines/server-machine.ts';
import type { ServerSnapshot } from '../machines/server-view.ts';
import {
  checkInvariants,
  type InvariantReport,
  type StateInvariant,
  type StepInvariant,
} from '../testing/invariants.ts';
import { exploreServer, type GraphOptions, type ServerLogic, situationOf } from './server-graph.ts';
import { describeSituation } from './wire-events.ts';
import { wronglyTold } from './wrongly-told.ts';

const isUnique = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;
const isClaimed = (snapshot: ServerSnapshot): boolean =>
  ['live', 'probing', 'grace'].includes(situationOf(snapshot).slot);

const STATE_INVARIANTS: readonly StateInvariant<ServerSnapshot>[] = [
  {
    name: 'never more phones than the cap',
    holds: ({ context }) => context.maxPhones <= 0 || context.phones.length <= context.maxPhones,
  },
  { name: 'no phone is listed twice', holds: ({ context }) => isUnique(context.phones) },
  {
    name: 'at most one binary: no claimant holds the slot or is in line twice',
    holds: ({ context }) =>
      isUnique([...context.claimants, ...(context.binaryId === null ? [] : [context.binaryId])]),
  },
  {
    name: 'no phone without a slot',
    holds: (snapshot) =>
      snapshot.context.phones.length === 0 || (isClaimed(snapshot) && snapshot.context.binaryId !== null),
  },
  {
    name: 'claimants wait only while the holder is probed',
    holds: (snapshot) => snapshot.context.claimants.length > 0 === (situationOf(snapshot).slot === 'probing'),
  },
  {
    name: 'a claimed server-id has had a binary',
    holds: (snapshot) => !isClaimed(snapshot) || snapshot.context.binaryId !== null,
  },
  {
    name: 'released means empty',
    holds: (snapshot) =>
      situationOf(snapshot).slot !== 'released' ||
      (snapshot.status === 'done' &&
        snapshot.context.phones.length + snapshot.context.claimants.length === 0),
  },
  {
    name: 'the context is plain data',
    holds: ({ context }) => JSON.stringify(JSON.parse(JSON.stringify(context))) === JSON.stringify(context),
  },
];

type Step = ReturnType<typeof exploreServer>[number];

const hasRoom = ({ context }: ServerSnapshot): boolean =>
  context.maxPhones <= 0 || context.phones.length < context.maxPhones;

const STEP_INVARIANTS: readonly StepInvariant<Step>[] = [
  {
    name: 'a phone is registered exactly when the server-id is claimed and below its cap',
    holds: ({ state: before, event, nextState: after }) =>
      event !== 'register' ||
      after.context.phones.length - before.context.phones.length ===
        (isClaimed(before) && hasRoom(before) ? 1 : 0),
  },
  {
    name: 'only a registration adds a phone',
    holds: ({ state: before, event, nextState: after }) =>
      event === 'register' || after.context.phones.every((phone) => before.context.phones.includes(phone)),
  },
  {
    name: 'no phone survives a change of binary',
    holds: ({ state: before, nextState: after }) =>
      before.context.binaryId === after.context.binaryId || after.context.phones.length === 0,
  },
  {
    name: 'drain ends the server actor',
    holds: ({ event, nextState: after }) => event !== 'drain' || after.status === 'done',
  },
  {
    name: 'a holder that answers keeps the slot and its phones',
    holds: ({ state: before, event, nextState: after }) =>
      event !== 'holder answers' ||
      (before.context.binaryId === after.context.binaryId &&
        before.context.phones.length === after.context.phones.length),
  },
  {
    name: 'who has been let go changes nothing',
    holds: ({ from, event, to }) => !event.startsWith('a former') || from === to,
  },
  {
    name: 'a claim never takes a slot that is held',
    holds: ({ state: before, event, nextState: after }) =>
      event !== 'claim' ||
      situationOf(before).slot === 'grace' ||
      situationOf(before).slot === 'unclaimed' ||
      before.context.binaryId === after.context.binaryId,
  },
];

export const exploreInvariants = (
  options: GraphOptions,
  machine: ServerLogic = serverMachine,
): InvariantReport =>
  checkInvariants(exploreServer(options, machine), {
    states: STATE_INVARIANTS,
    steps: STEP_INVARIANTS,
    judge: ({ state, trigger, nextState }) => wronglyTold(machine, state, trigger, nextState),
    describe: (snapshot) => describeSituation(situationOf(snapshot)),
  });
