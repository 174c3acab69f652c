/**
 * One server-id: which binary holds its slot, which phones are registered, and which claimants are in line. Decides every
 * claim, probe, takeover, registration, dismissal, grace period and close notice (spec section 3). It knows connections
 * by id and tells them what to do through the directory; it never sees a socket, a frame or a header.
 */
import { NO_SERVER, SERVER_ID_CLAIMED, SHUTTING_DOWN, TOO_MANY_PHONES } from '../protocol/close-codes.ts';
import { serverSetup as chart } from './server-actions.ts';
import { DISPLACED, EXPIRED, RECLAIMED, SHUTDOWN } from './server-evictions.ts';
import type { ServerContext, ServerInput } from './server-messages.ts';

const unclaimed = chart.createStateConfig({
  description: 'Just created. The first claim gets the slot; a phone finds no binary.',
  on: {
    'binary.claimed': {
      target: 'claimed',
      actions: [
        { type: 'takeSlot', params: ({ event }) => event },
        { type: 'admit', params: ({ event }) => ({ connId: event.connId, admission: 'claim' }) },
      ],
    },
    'phone.registered': {
      target: 'released',
      actions: { type: 'refuse', params: ({ event }) => ({ connId: event.connId, close: NO_SERVER }) },
    },
    drain: 'released',
  },
});

const live = chart.createStateConfig({
  description: 'No other binary claims the slot.',
  on: {
    'binary.claimed': {
      target: 'probing',
      actions: [{ type: 'joinLine', params: ({ event }) => event }, 'probeHolder'],
    },
  },
});

const probing = chart.createStateConfig({
  description:
    'Another binary claims the slot. The holder is pinged, and keeps the slot if it answers in time.',
  after: {
    probeTimeout: {
      target: 'live',
      actions: [
        { type: 'evictPhones', params: RECLAIMED },
        { type: 'closeHolder', params: DISPLACED },
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
          type: 'refuse',
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
    drain: {
      target: '#server.released',
      actions: [
        { type: 'evictPhones', params: SHUTDOWN },
        { type: 'closeHolder', params: SHUTDOWN },
        { type: 'refuseLine', params: { close: SHUTTING_DOWN } },
      ],
    },
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
      actions: { type: 'notifyHolder', params: ({ event }) => event },
    },
    drain: {
      target: '#server.released',
      actions: [
        { type: 'evictPhones', params: SHUTDOWN },
        { type: 'closeHolder', params: SHUTDOWN },
      ],
    },
  },
});

const grace = chart.createStateConfig({
  description: 'The binary has left. Phones that send nothing stay for a while, in case it reclaims.',
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
        { type: 'takeSlot', params: ({ event }) => event },
        { type: 'admit', params: ({ event }) => ({ connId: event.connId, admission: 'reclaim' }) },
      ],
    },
    'phone.ended': {
      guard: { type: 'registeredUnderThisBinary', params: ({ event }) => event },
      actions: { type: 'loseNotice', params: ({ event }) => event },
    },
    drain: { target: '#server.released', actions: { type: 'evictPhones', params: SHUTDOWN } },
  },
});

const claimed = chart.createStateConfig({
  description: 'The server-id exists. Phones may register, up to the cap.',
  initial: 'held',
  states: { held, grace },
  on: {
    'phone.registered': [
      {
        // Check and append happen in one event, so no other registration can come between them.
        guard: 'hasRoomForPhone',
        actions: [
          { type: 'listPhone', params: ({ event }) => event },
          { type: 'admit', params: ({ event }) => ({ connId: event.connId, admission: 'registration' }) },
        ],
      },
      {
        actions: {
          type: 'refuse',
          params: ({ event }) => ({ connId: event.connId, close: TOO_MANY_PHONES }),
        },
      },
    ],
    'phone.left': { actions: { type: 'forgetPhone', params: ({ event }) => event } },
    'phone.unheard': {
      guard: { type: 'isRegistered', params: ({ event }) => event },
      actions: { type: 'evictUnheardPhone', params: ({ event }) => event },
    },
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
  description: 'One server-id: which binary holds its slot, and which phones are registered.',
  context: ({ input }): ServerContext => serverContext(input),
  initial: 'unclaimed',
  states: {
    unclaimed,
    claimed,
    released: { type: 'final', description: 'Nothing is left here; the actor ends.' },
  },
});
