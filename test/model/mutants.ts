/**
 * Faults to plant, as search-and-replace patches on a copy of the source. A patch whose text is gone fails its test: then
 * the mutant must be written anew, not dropped.
 */
import type { Patch } from '../support/patched-build.ts';

export interface Mutant {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** How a daemon with this fault is started for `conformance`; 2 phones unless given. */
  readonly maxPhones?: number;
  /** Only a signal to the daemon shows it, and the command sends none. */
  readonly needsSignal?: true;
}

const ACTIONS = 'machines/server-actions.ts';
const SERVER = 'machines/server-machine.ts';
const CONNECTION = 'machines/connection-machine.ts';

const mutant = (name: string, file: string, find: string, replace: string): Mutant => ({
  name,
  patches: [{ file, find, replace }],
});

const EVICT_IN_GRACE = `        { type: 'evictPhones', params: RECLAIMED },
        { type: 'admitBinary'`;
const EVICT_AT_TAKEOVER = `        { type: 'evictPhones', params: RECLAIMED },
        { type: 'closeHolder', params: SILENT_HOLDER },`;

export const MUTANTS: readonly Mutant[] = [
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
        find: 'const RECLAIMED =',
        replace: 'const NO_SERVER_SWAPPED = NO_SERVER;\nconst RECLAIMED =',
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
  mutant('phones are kept on reclaim', SERVER, EVICT_IN_GRACE, "        { type: 'admitBinary'"),
  mutant(
    'phones are kept on takeover',
    SERVER,
    EVICT_AT_TAKEOVER,
    "        { type: 'closeHolder', params: SILENT_HOLDER },",
  ),
  mutant(
    'the incumbent is not closed on takeover',
    SERVER,
    "        { type: 'closeHolder', params: SILENT_HOLDER },\n",
    '',
  ),
  mutant(
    'the second prober wins as well',
    ACTIONS,
    "for (const connId of rest) enqueue.emit({ type: 'binary.refused', connId, close: SERVER_ID_CLAIMED });",
    "for (const connId of rest) enqueue.emit({ type: 'binary.admitted', connId, kind });",
  ),
  mutant(
    'claimants are not refused when the holder answers',
    ACTIONS,
    "for (const connId of context.claimants) enqueue.emit({ type: 'binary.refused', connId, close });",
    'void close;',
  ),
  mutant(
    'the line takes one claimant too many',
    ACTIONS,
    'claimants.length < MAX_CLAIMANTS',
    'claimants.length <= MAX_CLAIMANTS',
  ),
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
    needsSignal: true,
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
    SERVER,
    'const EXPIRED = { close: NO_SERVER,',
    'const EXPIRED = { close: SHUTTING_DOWN,',
  ),
  {
    name: 'the new binary is told of the phones of the old one',
    patches: [
      { file: ACTIONS, find: 'context.binaryId === binaryId', replace: 'binaryId !== context.serverId' },
      {
        file: ACTIONS,
        find: `noticeBinary: emit((_, { connId, binaryId, closeCode }: NoticeParams) => ({
      type: 'notice.due' as const,
      connId,
      binaryId,`,
        replace: `noticeBinary: emit(({ context }, { connId, binaryId, closeCode }: NoticeParams) => ({
      type: 'notice.due' as const,
      connId,
      binaryId: context.binaryId ?? binaryId,`,
      },
    ],
  },
  mutant(
    'a frame that was accepted in grace is swallowed',
    'transport/phone-leg.ts',
    "    server.send({ type: 'phone.unheard', connId: phone.connId });\n",
    '',
  ),
  mutant(
    'the binary is told of a close it asked for',
    CONNECTION,
    "order?.notice === 'none'",
    "order?.cause === 'refused'",
  ),
  mutant(
    'the binary is told nothing of phones that end',
    'transport/connection-effects.ts',
    'if (noticeCode !== null) {',
    'if (noticeCode === 0) {',
  ),
  mutant(
    'an abrupt end is told as 1000',
    CONNECTION,
    'return isUnknown ? GOING_AWAY_CODE : closeCode;',
    'return isUnknown ? 1000 : closeCode;',
  ),
  {
    name: 'a refused phone unregisters somebody',
    patches: [
      {
        file: CONNECTION,
        find: 'if (!wasRefused) enqueue',
        replace: 'if (wasRefused || !wasRefused) enqueue',
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
    'if (frame !== undefined && !enqueueFrame',
    'if (frame !== undefined && frame.length > 1e9 && !enqueueFrame',
  ),
  mutant(
    'an illegal close code goes to the socket',
    'protocol/close-codes.ts',
    '(code >= 1000 && code <= 1014 && !isReserved(code))',
    'code > 0 || isReserved(code)',
  ),
  mutant(
    'the incumbent is not pinged',
    'transport/server-effects.ts',
    'adapter.sendProbe();',
    'void adapter;',
  ),
  mutant(
    'a takeover admits nobody',
    SERVER,
    "        { type: 'admitFirstInLine', params: { kind: 'takeover' } },\n",
    '',
  ),
];

/** What the command must say of each: the explanation is part of what is proved. */
export const EXPLANATIONS: ReadonlyMap<string, RegExp> = new Map([
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
  ['a phone that leaves keeps its place', /at the holder, got nothing|got 4429/],
  ['phones are kept when grace expires', /expected 4404 "no server with that id", got open/],
  ['expiry closes with the code of a shutdown', /expected 4404 .*, got 1001/],
  ['the new binary is told of the phones of the old one', /got .*"close_code":4404/],
  ['a frame that was accepted in grace is swallowed', /phone sends → expected 4404/],
  ['the binary is told of a close it asked for', /"close_code":(4401|1011)/],
  [
    'the binary is told nothing of phones that end',
    /expected close notice 100[01] at the holder, got nothing/,
  ],
  ['an abrupt end is told as 1000', /expected close notice 1001 .*1000/],
  ['a refused phone unregisters somebody', /expected/],
  ['a directive loses its frame', /expected the frame before the close/],
  ['an illegal close code goes to the socket', /dismiss illegally → expected 1011/],
  ['the incumbent is not pinged', /expected the holder to be pinged, got no ping/],
  ['drain forgets server-ids in grace', /./],
  ['a takeover admits nobody', /expected/],
]);
