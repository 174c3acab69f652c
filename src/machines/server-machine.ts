/**
 * One server-id. Owns who holds its slot, which phones are registered and who waits to claim; decides every claim,
 * probe, takeover, registration and grace period (spec section 3). It never sees a socket, a frame or a header:
 * connections are ids here, and what is to be done with them leaves as emitted events.
 */
import {
  BINARY_RECLAIMED,
  NO_SERVER,
  SERVER_ID_CLAIMED,
  SHUTTING_DOWN,
  TOO_MANY_PHONES,
} from '../protocol/close-codes.ts';
import { serverSetup as chart, SILENT_HOLDER } from './server-actions.ts';
import type { ServerContext, ServerInput } from './server-messages.ts';

/** Phones of a binary that was replaced must shake hands anew, so none is inherited (spec section 3, #127). */
const RECLAIMED = { close: BINARY_RECLAIMED, cause: 'reclaimed', flush: false } as const;
const EXPIRED = { close: NO_SERVER, cause: 'expired', flush: false } as const;
const SHUTDOWN = { close: SHUTTING_DOWN, cause: 'shutdown', flush: true } as const;

const unclaimed = chart.createStateConfig({
  description: 'Nobody holds the slot: the first claim gets it.',
  on: {
    'binary.claimed': {
      target: 'claimed',
      actions: { type: 'admitBinary', params: ({ event }) => ({ connId: event.connId, kind: 'claim' }) },
    },
    'phone.registered': {
      actions: { type: 'refusePhone', params: ({ event }) => ({ connId: event.connId, close: NO_SERVER }) },
    },
  },
});

const live = chart.createStateConfig({
  description: 'Nobody disputes the slot.',
  on: {
    'binary.claimed': {
      target: 'probing',
      actions: [{ type: 'joinLine', params: ({ event }) => event }, 'probeHolder'],
    },
  },
});

const probing = chart.createStateConfig({
  description: 'Someone else claims the slot: the holder is pinged, and keeps it if it answers in time.',
  after: {
    probeTimeout: {
      target: 'live',
      actions: [
        { type: 'evictPhones', params: RECLAIMED },
        { type: 'closeHolder', params: SILENT_HOLDER },
        { type: 'admitFirstInLine', params: { kind: 'takeover' } },
      ],
    },
  },
  on: {
    'binary.answered': {
      guard: { type: 'isHolder', params: ({ event }) => event },
      target: 'live',
      actions: { type: 'refuseLine', params: { close: SERVER_ID_CLAIMED } },
    },
    'binary.claimed': [
      { guard: 'hasRoomInLine', actions: { type: 'joinLine', params: ({ event }) => event } },
      {
        actions: {
          type: 'refuseBinary',
          params: ({ event }) => ({ connId: event.connId, close: SERVER_ID_CLAIMED }),
        },
      },
    ],
    'binary.left': [
      {
        guard: { type: 'isHolder', params: ({ event }) => event },
        target: 'live',
        actions: [
          { type: 'evictPhones', params: RECLAIMED },
          { type: 'admitFirstInLine', params: { kind: 'reclaim' } },
        ],
      },
      {
        guard: { type: 'isLastInLine', params: ({ event }) => event },
        target: 'live',
        actions: { type: 'leaveLine', params: ({ event }) => event },
      },
      { actions: { type: 'leaveLine', params: ({ event }) => event } },
    ],
  },
});

const held = chart.createStateConfig({
  description: 'A binary holds the slot and takes frames.',
  initial: 'live',
  states: { live, probing },
  on: {
    'binary.left': {
      guard: { type: 'isHolder', params: ({ event }) => event },
      target: 'grace',
      actions: 'announceGrace',
    },
    'phone.dismissed': {
      guard: { type: 'isRegistered', params: ({ event }) => event },
      actions: { type: 'dismissPhone', params: ({ event }) => event },
    },
    'phone.ended': {
      guard: { type: 'registeredUnderThisBinary', params: ({ event }) => event },
      actions: { type: 'noticeBinary', params: ({ event }) => event },
    },
  },
});

const grace = chart.createStateConfig({
  description: 'The binary is gone. Quiet phones stay for a while, in case it comes back.',
  after: {
    gracePeriod: {
      target: '#server.released',
      actions: [{ type: 'evictPhones', params: EXPIRED }, 'announceExpiry'],
    },
  },
  on: {
    'binary.claimed': {
      target: 'held',
      actions: [
        { type: 'evictPhones', params: RECLAIMED },
        { type: 'admitBinary', params: ({ event }) => ({ connId: event.connId, kind: 'reclaim' }) },
      ],
    },
    'phone.unheard': {
      guard: { type: 'isRegistered', params: ({ event }) => event },
      actions: { type: 'evictUnheardPhone', params: ({ event }) => event },
    },
    'phone.ended': {
      guard: { type: 'registeredUnderThisBinary', params: ({ event }) => event },
      actions: { type: 'loseNotice', params: ({ event }) => event },
    },
    drain: { target: '#server.released', actions: { type: 'evictPhones', params: SHUTDOWN } },
  },
});

const claimed = chart.createStateConfig({
  description: 'The server-id exists: phones may register, as many as the cap allows.',
  initial: 'held',
  states: { held, grace },
  on: {
    'phone.registered': [
      { guard: 'hasRoomForPhone', actions: { type: 'admitPhone', params: ({ event }) => event } },
      {
        actions: {
          type: 'refusePhone',
          params: ({ event }) => ({ connId: event.connId, close: TOO_MANY_PHONES }),
        },
      },
    ],
  },
});

export const serverContext = (input: ServerInput): ServerContext => ({
  ...input,
  binaryId: null,
  phones: [],
  claimants: [],
});

export const serverMachine = chart.createMachine({
  id: 'server',
  description: 'One server-id: who holds its slot, and which phones are registered.',
  context: ({ input }) => serverContext(input),
  initial: 'unclaimed',
  on: {
    'phone.unregistered': { actions: { type: 'forgetPhone', params: ({ event }) => event } },
    drain: {
      target: '.released',
      actions: [
        { type: 'evictPhones', params: SHUTDOWN },
        { type: 'closeHolder', params: { close: SHUTTING_DOWN, flush: true } },
        { type: 'refuseLine', params: { close: SHUTTING_DOWN } },
      ],
    },
  },
  states: {
    unclaimed,
    claimed,
    released: { type: 'final', description: 'Nobody is left here; the actor ends.' },
  },
});
