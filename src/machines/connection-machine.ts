/**
 * One socket: its admission and its heartbeat (spec section 5); how it closes is in `connection-closing.ts`. The chart never sees the
 * socket: transport reports events to it and carries out what it emits. The server chart decides whether the connection may stay, and
 * tells it through the directory.
 */
import { INTERNAL_ERROR, RELAY_BACKLOG_FULL, TOKEN_REVOKED } from '../protocol/close-codes.ts';
import { connectionSetup as chart } from './connection-actions.ts';
import { closing, refused } from './connection-closing.ts';
import {
  BINARY_STALLED,
  FAULTY,
  MESSAGE_STALLED,
  OVERFLOWS,
  PHONE_STALLED,
  REJECTIONS,
  REVOKED,
  SHED,
  SILENT,
  VIOLATED,
} from './connection-decisions.ts';
import type { ConnectionContext, ConnectionInput } from './connection-messages.ts';

const waiting = chart.createStateConfig({
  description: 'Upgraded, not admitted yet: no heartbeat, nothing forwarded.',
  on: {
    admit: {
      target: 'open',
      actions: [
        { type: 'join', params: ({ event }) => event },
        { type: 'reportAdmitted', params: ({ event }) => event },
      ],
    },
    refuse: { target: 'refused', actions: { type: 'takeRefusal', params: ({ event }) => event } },
    close: { target: 'closing', actions: { type: 'takeOrder', params: ({ event }) => event } },
    'message.rejected': {
      target: 'refused',
      actions: [{ type: 'takeRefusal', params: ({ event }) => REJECTIONS[event.cause] }, 'withdraw'],
    },
    'fault.found': {
      target: 'closing',
      actions: [{ type: 'orderClose', params: { close: INTERNAL_ERROR } }, 'withdraw'],
    },
    'token.revoked': {
      target: 'closing',
      actions: [{ type: 'orderClose', params: { close: TOKEN_REVOKED } }, 'withdraw'],
    },
    'backlog.shed': {
      target: 'closing',
      actions: [{ type: 'orderClose', params: { close: RELAY_BACKLOG_FULL } }, 'withdraw'],
    },
    'peer.closed': { target: 'closing.finishing', actions: 'withdraw' },
    'protocol.violated': { target: 'closing.objecting', actions: 'withdraw' },
    'socket.ended': {
      target: 'ended',
      actions: ['withdraw', { type: 'reportEnded', params: ({ event }) => event }],
    },
  },
});

const open = chart.createStateConfig({
  description: 'Registered with its server-id.',
  initial: 'fresh',
  states: {
    fresh: {
      description:
        'Just admitted. The delay of the first ping varies, so that connections do not ping in step.',
      after: { firstHeartbeat: 'pinged' },
      on: { 'socket.paused': 'suspended' },
    },
    quiet: {
      description: 'The last ping was answered in time.',
      after: { heartbeatInterval: 'pinged' },
      on: { 'socket.paused': 'suspended' },
    },
    pinged: {
      description: 'Pinged. Nothing has been read from the peer since.',
      entry: 'sendPing',
      after: {
        heartbeatTimeout: { target: '#connection.closing', actions: { type: 'giveUp', params: SILENT } },
      },
      on: { 'peer.heard': 'quiet', 'socket.paused': 'suspended' },
    },
    suspended: {
      description: 'Paused, because its binary is slow. Nothing can be read, so no deadline runs.',
      on: { 'socket.resumed': 'quiet' },
    },
  },
  on: {
    probe: { actions: 'sendProbe' },
    'probe.answered': { actions: 'reportAnswer' },
    notify: { actions: { type: 'sendNotice', params: ({ event }) => event } },
    'directive.received': { actions: { type: 'passDirective', params: ({ event }) => event } },
    'frame.unheard': { actions: 'reportUnheard' },

    close: {
      target: 'closing',
      actions: [
        { type: 'takeOrder', params: ({ event }) => event },
        { type: 'reportLeft', params: ({ event }) => event },
      ],
    },
    'message.stalled': { target: 'closing.cut', actions: { type: 'giveUp', params: MESSAGE_STALLED } },
    'write.stalled': [
      { guard: 'isBinary', target: 'closing', actions: { type: 'giveUp', params: BINARY_STALLED } },
      { target: 'closing', actions: { type: 'giveUp', params: PHONE_STALLED } },
    ],
    'backlog.overflowed': {
      target: 'closing',
      actions: { type: 'giveUp', params: ({ event }) => OVERFLOWS[event.queue] },
    },
    'backlog.shed': { target: 'closing', actions: { type: 'giveUp', params: SHED } },
    'message.rejected': {
      target: 'closing',
      actions: { type: 'giveUp', params: ({ event }) => REJECTIONS[event.cause] },
    },
    'token.revoked': { target: 'closing', actions: { type: 'giveUp', params: REVOKED } },
    'fault.found': { target: 'closing', actions: { type: 'giveUp', params: FAULTY } },
    'protocol.violated': { target: 'closing.objecting', actions: { type: 'giveUp', params: VIOLATED } },
    'peer.closed': { target: 'closing.finishing', actions: { type: 'leave', params: { cause: 'peer' } } },
    'socket.ended': [
      {
        guard: 'owesNotice',
        target: 'ended',
        actions: [
          { type: 'leave', params: { cause: 'peer' } },
          { type: 'giveNotice', params: ({ event }) => event },
          { type: 'reportEnded', params: ({ event }) => event },
        ],
      },
      {
        target: 'ended',
        actions: [
          { type: 'leave', params: { cause: 'peer' } },
          { type: 'reportEnded', params: ({ event }) => event },
        ],
      },
    ],
  },
});

export const connectionContext = (input: ConnectionInput): ConnectionContext => ({
  ...input,
  binaryId: null,
  order: null,
  isNoticeOwed: false,
});

export const connectionMachine = chart.createMachine({
  id: 'connection',
  description: 'One socket: its heartbeat and its closing.',
  context: ({ input }) => connectionContext(input),
  initial: 'waiting',
  states: {
    waiting,
    open,
    closing,
    refused,
    ended: { type: 'final', description: 'TCP has ended, and the actor ends with it.' },
  },
});
