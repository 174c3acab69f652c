/** What causes each event, in words. `test/inspect/causes.test.ts` fails if a chart has an event or a timer without a cause. */

const CAUSES: Readonly<Record<string, string>> = {
  // The server chart.
  'binary.claimed': 'a binary dials with this server-id',
  'binary.answered': 'the binary answers the probe',
  'binary.left': 'the connection of a binary closes',
  'phone.registered': 'a phone dials with this server-id',
  'phone.left': 'the connection of a phone closes',
  'phone.dismissed': 'the binary asks to close a phone',
  'phone.unheard': 'a phone sends a frame, and no binary takes it',
  'phone.ended': 'the socket of a phone has ended, and the binary must be told',
  drain: 'the relay shuts down',
  // The connection chart: what its server or the directory tells it.
  admit: 'its server lets it in',
  refuse: 'its server refuses it',
  close: 'its server closes it',
  probe: 'its server asks whether it is alive',
  cut: 'too many connections of this server-id are closing',
  notify: 'a phone has ended, and this binary must be told',
  // The connection chart: what transport reports.
  'peer.heard': 'the peer has sent something',
  'probe.answered': 'the peer has sent something since the probe',
  'socket.paused': 'reading is paused, because the binary is slow',
  'socket.resumed': 'reading goes on',
  'message.stalled': 'a message stays incomplete for too long',
  'write.stalled': 'the peer takes nothing for too long',
  'backlog.overflowed': 'a frame does not fit the backlog',
  'backlog.shed': 'the relay holds too much, and most of it for this one',
  'backlog.flushed': 'the backlog has been sent',
  'backlog.acknowledged': 'the peer has read more of what was written',
  'message.rejected': 'a message breaks the rules',
  'frame.unheard': 'a frame finds no binary',
  'directive.received': 'the binary asks to close a phone',
  'token.revoked': 'its token is no longer accepted',
  'fault.found': 'the relay finds a fault of its own',
  'protocol.violated': 'the peer breaks the WebSocket protocol',
  'peer.closed': 'the peer closes',
  'close.written': 'the close frame has been written',
  'socket.ended': 'TCP has ended',
  // The relay chart.
  'drain.now': 'the relay shuts down at once',
  'directory.emptied': 'the last connection has ended',
  // The push chart.
  'provider.changed': 'push is switched on or off, or gets another key',
  'provider.confirmed': 'a reload leaves the provider as it was',
  'wake.admitted': 'a phone that is away is to be woken',
  'wake.ended': 'a wake has its outcome',
  'credential.answered': 'the service answers with a credential, or with none',
  'credential.refused': 'the provider refuses the credential of a wake',
  end: 'the relay stops',
  // The chart of a wake.
  'credential.ready': 'there is a credential',
  'credential.failed': 'no credential can be had',
  'send.answered': 'the provider answers',
  cancel: 'push ends, or is switched off',
  // XState's own, when a child throws.
  'xstate.error.actor.push': 'push has failed',
  'xstate.error.actor.*': 'a wake has failed',
};

/** What it means that a timer runs out, by the name of its delay. */
const TIMERS: Readonly<Record<string, string>> = {
  // The server chart.
  probeTimeout: 'the binary does not answer the probe in time',
  gracePeriod: 'no binary comes back in time',
  // The connection chart.
  firstHeartbeat: 'it is time for the first ping',
  heartbeatInterval: 'it is time for the next ping',
  heartbeatTimeout: 'the peer does not answer the ping in time',
  flushTimeout: 'the backlog is not sent in time',
  closeWriteTimeout: 'the close frame is not written in time',
  closeAnswerTimeout: 'the peer does not answer the close frame in time',
  // The relay chart.
  drainDelay: 'load balancers have had the time to look elsewhere',
  waveInterval: 'it is time for the next wave',
  drainDeadline: 'the time to drain is over',
  // The push chart and the chart of a wake.
  callTimeout: 'the push service does not answer in time',
  freshness: 'the credential is no longer fresh',
  backoff: 'the push service has been left alone for long enough',
  retryDelay: 'it is time for the second try',
};

const delayOf = (event: string): string | undefined => /^xstate\.after\.([^.]+)\./.exec(event)?.[1];

/** @param event XState's event type; '' for an eventless transition */
export const causeOf = (event: string): string => {
  if (event === '') return 'at once';
  const delay = delayOf(event);
  return (delay === undefined ? CAUSES[event] : TIMERS[delay]) ?? 'its event comes';
};

export const hasCause = (event: string): boolean => {
  const delay = delayOf(event);
  return event === '' || (delay === undefined ? event in CAUSES : delay in TIMERS);
};
