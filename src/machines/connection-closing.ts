/**
 * The states of the connection chart in which it closes (spec section 4): what is still sent, how long the close frame may take, and
 * when TCP is cut. One that was admitted, and one that was refused, differ only in what is owed to others.
 */
import { connectionSetup as chart } from './connection-actions.ts';

const writing = chart.createStateConfig({
  description: 'The close frame is being written.',
  entry: 'sendClose',
  after: { closeWriteTimeout: 'cut' },
  on: { 'close.written': 'answering', 'backlog.acknowledged': 'answering', 'peer.closed': 'finishing' },
});
const answering = chart.createStateConfig({
  description: 'Waits for the peer to answer the close frame, as long as it reads what was written before.',
  after: { closeAnswerTimeout: 'cut' },
  on: { 'backlog.acknowledged': { target: 'answering', reenter: true }, 'peer.closed': 'finishing' },
});
const finishing = chart.createStateConfig({
  description: 'Both close frames have been sent. The server ends TCP first (RFC 6455 section 7.1.1).',
  entry: 'endSocket',
  after: { closeWriteTimeout: 'cut' },
});
const cut = chart.createStateConfig({
  description: 'The peer did not finish in time: TCP is cut.',
  entry: 'cutSocket',
  // It has been cut already; its bytes are released with its socket.
  on: { 'backlog.shed': {} },
});

export const closing = chart.createStateConfig({
  description: 'Has left its server-id. Nothing more of it is forwarded.',
  entry: ['discardInput', 'reportClosing'],
  initial: 'starting',
  states: {
    starting: {
      description: 'Must the backlog be sent before the close frame?',
      always: [{ guard: 'mustFlush', target: 'flushing' }, { target: 'writing' }],
    },
    flushing: {
      description: 'The backlog is being sent.',
      entry: 'flushBacklog',
      after: { flushTimeout: 'writing' },
      on: { 'backlog.flushed': 'writing', 'write.stalled': 'writing', 'peer.closed': 'finishing' },
    },
    writing,
    objecting: {
      description: 'The WebSocket layer is sending its own close frame, for a protocol error.',
      after: { closeWriteTimeout: 'answering' },
    },
    answering,
    finishing,
    cut,
  },
  on: {
    cut: { target: '.cut', actions: 'reportCutShort' },
    'backlog.shed': '.cut',
    'socket.ended': [
      {
        guard: 'owesNotice',
        target: 'ended',
        actions: [
          { type: 'giveNotice', params: ({ event }) => event },
          { type: 'reportEnded', params: ({ event }) => event },
        ],
      },
      { target: 'ended', actions: { type: 'reportEnded', params: ({ event }) => event } },
    ],
  },
});

export const refused = chart.createStateConfig({
  description: 'Never registered. The refusal is a close code after the 101 (spec section 1).',
  entry: ['discardInput', 'reportClosing'],
  initial: 'writing',
  states: { writing, answering, finishing, cut },
  on: {
    cut: { target: '.cut', actions: 'reportCutShort' },
    'backlog.shed': '.cut',
    'socket.ended': { target: 'ended', actions: { type: 'reportEnded', params: ({ event }) => event } },
  },
});
