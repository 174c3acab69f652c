/**
 * Faults to plant, as search-and-replace patches on a copy of the source. A patch whose text is gone fails its test. Rewrite
 * the mutant then; do not drop it.
 */
import type { Patch } from '../support/patched-build.ts';

export interface Mutant {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** How a daemon with this fault is started for `conformance`; 2 phones unless given. */
  readonly maxPhones?: number;
  /** What shows it to a peer, and the command does not do. */
  readonly needs?: 'a signal' | 'peers that answer no close';
  /** The timer that has another length than was declared. The command measures it. */
  readonly timer?: 'grace' | 'probe-timeout';
  /** Grace and the probe of its daemon, if what shows it takes longer than the others' on a busy machine. */
  readonly timerMs?: number;
}

const ACTIONS = 'machines/server-actions.ts';
const SERVER = 'machines/server-machine.ts';
const EVICTIONS = 'machines/server-evictions.ts';
const CONNECTION = 'machines/connection-machine.ts';
const CONNECTION_CLOSING = 'machines/connection-closing.ts';
const CONNECTION_ACTIONS = 'machines/connection-actions.ts';
const DIRECTORY = 'machines/directory.ts';
const CLOSING = 'machines/closing-connections.ts';

const mutant = (name: string, file: string, find: string, replace: string): Mutant => ({
  name,
  patches: [{ file, find, replace }],
});

const EVICT_IN_GRACE = `        { type: 'evictPhones', params: RECLAIMED },
        { type: 'takeSlot'`;
const EVICT_AT_TAKEOVER = `        { type: 'evictPhones', params: RECLAIMED },
        { type: 'closeHolder', params: DISPLACED },`;

const GRACE = 'gracePeriod: ({ context }) => context.timing.graceMs';
const PROBE = 'probeTimeout: ({ context }) => context.timing.probeTimeoutMs';

export const MUTANTS: readonly Mutant[] = [
  { ...mutant('grace is five times too short', ACTIONS, GRACE, `${GRACE} / 5`), timer: 'grace' },
  { ...mutant('grace is three times too long', ACTIONS, GRACE, `${GRACE} * 3`), timer: 'grace' },
  { ...mutant('the probe is five times too short', ACTIONS, PROBE, `${PROBE} / 5`), timer: 'probe-timeout' },
  { ...mutant('the probe is three times too long', ACTIONS, PROBE, `${PROBE} * 3`), timer: 'probe-timeout' },
  mutant(
    'the cap lets one phone too many in',
    ACTIONS,
    'context.phones.length < context.maxPhones',
    'context.phones.length <= context.maxPhones',
  ),
  mutant(
    'the cap lets one phone too few in',
    ACTIONS,
    'context.phones.length < context.maxPhones',
    'context.phones.length < context.maxPhones - 1',
  ),
  {
    ...mutant(
      'a cap of 0 admits nobody',
      ACTIONS,
      'context.maxPhones <= 0 || context.phones.length',
      'context.phones.length',
    ),
    maxPhones: 0,
  },
  {
    name: '4404 and 4429 are swapped',
    patches: [
      { file: SERVER, find: 'close: TOO_MANY_PHONES', replace: 'close: NO_SERVER_SWAPPED' },
      { file: SERVER, find: 'close: NO_SERVER }) },', replace: 'close: TOO_MANY_PHONES }) },' },
      {
        file: SERVER,
        find: 'const unclaimed =',
        replace: 'const NO_SERVER_SWAPPED = NO_SERVER;\nconst unclaimed =',
      },
    ],
  },
  {
    name: 'the grace timer is not cancelled by a reclaim',
    patches: [
      {
        file: ACTIONS,
        find: "announceGrace: emit({ type: 'grace.started' }),",
        replace: `announceGrace: enqueueActions(({ enqueue }) => {
      enqueue.emit({ type: 'grace.started' });
      enqueue.raise({ type: 'drain' }, { delay: 'gracePeriod', id: 'stale' });
    }),`,
      },
    ],
  },
  mutant(
    'the grace timer runs while a binary holds the slot',
    SERVER,
    "description: 'A binary holds the slot and takes frames.',",
    "description: 'x', after: { gracePeriod: { target: '#server.released', actions: { type: 'evictPhones', params: EXPIRED } } },",
  ),
  mutant('phones are kept on reclaim', SERVER, EVICT_IN_GRACE, "        { type: 'takeSlot'"),
  mutant(
    'phones are kept on takeover',
    SERVER,
    EVICT_AT_TAKEOVER,
    "        { type: 'closeHolder', params: DISPLACED },",
  ),
  mutant(
    'the incumbent is not closed on takeover',
    SERVER,
    "        { type: 'closeHolder', params: DISPLACED },\n",
    '',
  ),
  mutant(
    'the second prober wins as well',
    ACTIONS,
    "enqueue.sendParent(tell(rest, { type: 'refuse', close: SERVER_ID_CLAIMED }));",
    "enqueue.sendParent(tell(rest, { type: 'admit', binaryId: first, admission: kind }));",
  ),
  mutant(
    'claimants are not refused when the holder answers',
    ACTIONS,
    "enqueue.sendParent(tell(context.claimants, { type: 'refuse', close }));",
    'void close;',
  ),
  {
    ...mutant(
      'the line takes one claimant too many',
      ACTIONS,
      'claimants.length < MAX_CLAIMANTS',
      'claimants.length <= MAX_CLAIMANTS',
    ),
    // For eighteen claims.
    timerMs: 3_000,
  },
  mutant(
    'a claimant that leaves stays in line',
    ACTIONS,
    'claimants: ({ context }, { connId }: ConnParams) => without(context.claimants, connId),',
    'claimants: ({ context }, _: ConnParams) => context.claimants,',
  ),
  mutant(
    'a holder that goes during the probe leaves the slot to grace',
    SERVER,
    `        target: 'live',
        actions: [
          { type: 'evictPhones', params: RECLAIMED },
          { type: 'admitFirstInLine', params: { kind: 'reclaim' } },
        ],`,
    "        target: '#server.claimed.grace',\n        actions: { type: 'refuseLine', params: { close: SERVER_ID_CLAIMED } },",
  ),
  {
    ...mutant(
      'drain forgets server-ids in grace',
      SERVER,
      "drain: { target: '#server.released', actions: { type: 'evictPhones', params: SHUTDOWN } },",
      'drain: {},',
    ),
    needs: 'a signal',
  },
  mutant(
    'a phone that leaves keeps its place',
    ACTIONS,
    'phones: ({ context }, { connId }: ConnParams) => without(context.phones, connId),',
    'phones: ({ context }, _: ConnParams) => context.phones,',
  ),
  mutant(
    'phones are kept when grace expires',
    SERVER,
    "actions: [{ type: 'evictPhones', params: EXPIRED }, 'announceExpiry'],",
    "actions: 'announceExpiry',",
  ),
  mutant(
    'expiry closes with the code of a shutdown',
    EVICTIONS,
    "close: NO_SERVER,\n  cause: 'expired',",
    "close: SHUTTING_DOWN,\n  cause: 'expired',",
  ),
  {
    name: 'the new binary is told of the phones of the old one',
    patches: [
      { file: ACTIONS, find: 'context.binaryId === binaryId', replace: 'binaryId !== context.serverId' },
      {
        file: EVICTIONS,
        find: "cause: 'reclaimed',\n  flush: false,\n  isNoticeOwed: false,",
        replace: "cause: 'reclaimed',\n  flush: false,\n  isNoticeOwed: true,",
      },
    ],
  },
  mutant(
    'a frame that was accepted in grace is swallowed',
    'transport/phone-leg.ts',
    "    phone.chart.send({ type: 'frame.unheard' });\n",
    '',
  ),
  mutant(
    'the binary is told of a close it asked for',
    ACTIONS,
    'flush: !isTooLong,\n        isNoticeOwed: false,',
    'flush: !isTooLong,\n        isNoticeOwed: true,',
  ),
  mutant(
    'the binary is told nothing of phones that end',
    ACTIONS,
    "tell([holderOf(context)], { type: 'notify', connId, closeCode })",
    "tell([], { type: 'notify', connId, closeCode })",
  ),
  mutant(
    'the notice waits for a phone that does not answer its close',
    CONNECTION_ACTIONS,
    'if (context.isNoticeOwed) enqueue.sendParent(ended(context, noticeCode));',
    'enqueue.assign({ isNoticeOwed: context.isNoticeOwed && noticeCode > 0 });',
  ),
  mutant(
    'a connection that gives up keeps its place',
    CONNECTION_ACTIONS,
    'enqueue.sendParent(left(context));\n      // The last frame',
    '// The last frame',
  ),
  mutant(
    'a claimant that closes does not say so',
    CONNECTION,
    "'peer.closed': { target: 'closing.finishing', actions: 'withdraw' },",
    "'peer.closed': { target: 'closing.finishing' },",
  ),
  mutant(
    'an abrupt end is told as 1000',
    CONNECTION_ACTIONS,
    'closeCode === ABNORMAL_CLOSURE_CODE ? GOING_AWAY_CODE : closeCode',
    'closeCode === ABNORMAL_CLOSURE_CODE ? 1000 : closeCode',
  ),
  {
    name: 'a refused phone unregisters somebody',
    patches: [
      {
        file: CONNECTION_CLOSING,
        find: "on: {\n    cut: { target: '.cut', actions: 'reportCutShort' },\n    'backlog.shed': '.cut',\n    'socket.ended': { target: 'ended'",
        replace:
          "on: {\n    'close.written': { actions: 'withdraw' },\n    cut: { target: '.cut', actions: 'reportCutShort' },\n    'backlog.shed': '.cut',\n    'socket.ended': { target: 'ended'",
      },
      {
        file: ACTIONS,
        find: 'phones: ({ context }, { connId }: ConnParams) => without(context.phones, connId),',
        replace: 'phones: ({ context }, _: ConnParams) => context.phones.slice(0, -1),',
      },
    ],
  },
  mutant(
    'a directive loses its frame',
    'transport/binary-leg.ts',
    'const isTooLong = envelope.frame !== undefined && !enqueueFrame',
    "const isTooLong = envelope.kind === 'frame' && envelope.frame !== undefined && !enqueueFrame",
  ),
  mutant(
    'an illegal close code goes to the socket',
    'protocol/close-codes.ts',
    '(code >= 1000 && code <= 1014 && !isReserved(code))',
    'code > 0 || isReserved(code)',
  ),
  mutant(
    'the incumbent is not pinged',
    'transport/connection-effects.ts',
    'adapter.sendProbe();',
    'void adapter;',
  ),
  mutant(
    'a takeover admits nobody',
    SERVER,
    "        { type: 'admitFirstInLine', params: { kind: 'takeover' } },\n",
    '',
  ),
  {
    ...mutant(
      'a drained relay does not notice that its last connection has ended',
      DIRECTORY,
      'this.#refused.delete(serverId, connId);\n    }\n    this.#announceEmptied(scope);',
      'this.#refused.delete(serverId, connId);\n    }',
    ),
    needs: 'a signal',
  },
  {
    ...mutant(
      'a relay that is drained with nobody connected waits for its deadline',
      DIRECTORY,
      'this.#drainServers(event, scope);\n        this.#announceEmptied(scope);',
      'this.#drainServers(event, scope);',
    ),
    needs: 'a signal',
  },
  {
    ...mutant(
      'any number of connections may be closing',
      DIRECTORY,
      "if (oldest !== undefined) this.#tellConnection(oldest, { type: 'cut' }, scope);",
      'void oldest;',
    ),
    needs: 'peers that answer no close',
  },
  {
    ...mutant(
      'the newest of too many closing connections is cut',
      CLOSING,
      'const [oldest] = closing;',
      'const oldest = [...closing].at(-1);',
    ),
    needs: 'peers that answer no close',
  },
  {
    ...mutant(
      'a connection that has ended still counts as closing',
      DIRECTORY,
      'this.#leaving.delete(serverId, connId);\n',
      '',
    ),
    needs: 'peers that answer no close',
  },
  {
    ...mutant(
      'a drain cuts connections that were closing before',
      DIRECTORY,
      'if (wasAdmitted && this.#drained !== undefined) return;',
      '',
    ),
    needs: 'a signal',
  },
];

/** What the command must report for each mutant: the explanation is tested too. */
export const EXPLANATIONS: ReadonlyMap<string, RegExp> = new Map([
  ['grace is five times too short', /fired after [23]\d\dms, expected 900ms to 2\.00s/],
  ['grace is three times too long', /fired after [34]\.\d\ds, expected 900ms to 2\.00s/],
  ['the probe is five times too short', /fired after [2-7]\d\dms, expected 900ms to 2\.00s/],
  ['the probe is three times too long', /fired after [34]\.\d\ds, expected 900ms to 2\.00s/],
  ['the cap lets one phone too many in', /expected 4429 .*, got open/],
  ['the cap lets one phone too few in', /got 4429/],
  ['a cap of 0 admits nobody', /got 4429/],
  ['4404 and 4429 are swapped', /expected 44(04|29) .*, got 44(29|04)/],
  ['the grace timer is not cancelled by a reclaim', /1001 "shutting down"/],
  ['the grace timer runs while a binary holds the slot', /4404 "no server with that id"/],
  ['phones are kept on reclaim', /expected 4404 "binary reclaimed server-id", got open/],
  ['phones are kept on takeover', /expected 4404 "binary reclaimed server-id", got open/],
  ['the incumbent is not closed on takeover', /expected 1011 "heartbeat timeout", got open/],
  ['the second prober wins as well', /expected 4409 "server-id already claimed", got open/],
  [
    'claimants are not refused when the holder answers',
    /expected 4409 "server-id already claimed", got open/,
  ],
  ['the line takes one claimant too many', /expected 4409 "server-id already claimed", got open/],
  [
    'a claimant that leaves stays in line',
    /expected a binary to stay, got 4409|expected the holder to be pinged|at the holder, got nothing/,
  ],
  [
    'a holder that goes during the probe leaves the slot to grace',
    /expected a binary to stay, got 4409|expected 4404/,
  ],
  ['a phone that leaves keeps its place', /at the holder, got nothing|got 4429|got .*after the end/],
  ['phones are kept when grace expires', /expected 4404 "no server with that id", got open/],
  ['expiry closes with the code of a shutdown', /expected 4404 .*, got 1001/],
  ['the new binary is told of the phones of the old one', /got .*"close_code":4404/],
  ['a frame that was accepted in grace is swallowed', /phone sends → expected 4404/],
  ['the binary is told of a close it asked for', /"close_code":(4401|1011)/],
  [
    'the binary is told nothing of phones that end',
    /expected close notice 100[01] at the holder, got nothing/,
  ],
  [
    'the notice waits for a phone that does not answer its close',
    /phone sends bad JSON → expected close notice 1001 at the holder, got nothing/,
  ],
  ['a connection that gives up keeps its place', /expected/],
  [
    'a claimant that closes does not say so',
    /expected a binary to stay, got|expected the holder to be pinged|at the holder, got nothing|expected 101/,
  ],
  ['an abrupt end is told as 1000', /expected close notice 1001 .*1000/],
  ['a refused phone unregisters somebody', /expected/],
  ['a directive loses its frame', /expected the frame before the close/],
  ['an illegal close code goes to the socket', /dismiss illegally → expected 1011/],
  ['the incumbent is not pinged', /expected the holder to be pinged, got no ping/],
  ['drain forgets server-ids in grace', /./],
  ['a takeover admits nobody', /expected/],
]);
