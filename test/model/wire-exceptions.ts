/**
 * What neither the generated paths nor what is played exercises of a relay that runs, with the reason: no peer can cause it. The
 * charts themselves are covered without exception: `coverage.test.ts`.
 */

type Exceptions = Readonly<Record<string, string>>;

/** Each reason, with the parts that it is for. */
const byReason = (reasons: Readonly<Record<string, readonly string[]>>): Exceptions =>
  Object.fromEntries(
    Object.entries(reasons).flatMap(([reason, names]) => names.map((name) => [name, reason])),
  );

const server = byReason({
  'the first claim or registration reaches a server actor in the turn that creates it: src/machines/directory.ts':
    ['server.unclaimed on drain [0] → server.released'],
  'what a socket reports is handled by all charts before the next socket is read, so no report is on its way when its connection is let go':
    [
      'server.claimed on phone.unheard [0] isRegistered: does not hold',
      'server.claimed.held on binary.left [0] isHolder: does not hold',
      'server.claimed.held.probing on binary.answered [0] isHolder: does not hold',
    ],
  'a directive for a phone that is not registered is dropped before the chart: src/transport/binary-leg.ts': [
    'server.claimed.held on phone.dismissed [0] isRegistered: does not hold',
  ],
});

const connection = byReason({
  'what has been cut is passed over: src/transport/backlog-shedder.ts': [
    'connection.closing.cut on backlog.shed [0] → itself',
    'connection.refused.cut on backlog.shed [0] → itself',
  ],
  'a refused connection holds at most a part of a control frame, and the largest go first: it takes fifteen floods that hold the rest in the kernel':
    ['connection.refused on backlog.shed [0] → connection.refused.cut'],
  'a connection that was never admitted is not pinged, so none of its pongs acknowledges anything: src/transport/liveness.ts':
    [
      'connection.refused.writing on backlog.acknowledged [0] → connection.refused.answering',
      'connection.refused.answering on backlog.acknowledged [0] → connection.refused.answering',
    ],
  'the network takes the close frame of a refused connection at once: only a claimant that pings for minutes and reads nothing fills it, with 2,000 pongs in 10 s':
    [
      'connection.refused.writing on xstate.after.closeWriteTimeout.connection.refused.writing [0] → connection.refused.cut',
      'closeWriteTimeout of connection.refused.writing: fires',
    ],
});

const relay = byReason({
  'only a start that fails sends it, and a relay that has not started does not drain: src/run-relay.ts': [
    'relay.draining.announcing on drain.now [0] → relay.draining.closing',
  ],
});

const push = byReason({
  'the gate in front of the chart turns the wake away: src/push/wake-gate.ts, test/integration/push.test.ts':
    [
      'push.off on wake.admitted [0] → itself',
      'push.on on wake.admitted [0] → itself',
      ...['idle', 'fetching', 'ready', 'backingOff'].map(
        (state) => `push.on.${state} on wake.admitted [0] hasRoom: does not hold`,
      ),
    ],
  'the wakes in flight end in the turn in which they are cancelled, and the chart with them': [
    'push.ending on wake.admitted [0] → itself',
  ],
  'a reload that leaves push off changes no provider: src/push.ts': [
    'push.off on provider.changed [0] isOnNow: does not hold',
  ],
});

/** By the id of the chart. */
export const EXCEPTIONS: Readonly<Record<string, Exceptions>> = { server, connection, relay, push };
