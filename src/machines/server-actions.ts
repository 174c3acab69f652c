/** The delays, guards and actions of the server chart. */
import { assign, emit, enqueueActions, sendParent, setup } from 'xstate';
import {
  type Close,
  ILLEGAL_CLOSE_CODE,
  maySendCloseCode,
  NO_SERVER,
  PHONE_BACKLOG_FULL,
  SERVER_ID_CLAIMED,
} from '../protocol/close-codes.ts';
import { MAX_CLAIMANTS } from '../protocol/limits.ts';
import type { Admission, ClaimKind, ConnectionCommand } from './connection-messages.ts';
import type { DirectoryRequest } from './directory-request.ts';
import type { EvictionParams } from './server-evictions.ts';
import type {
  ConnParams,
  DirectiveParams,
  NoticeParams,
  RefusalParams,
  ServerContext,
  ServerEmitted,
  ServerEvent,
  ServerInput,
} from './server-messages.ts';

const without = (ids: readonly string[], connId: string): readonly string[] =>
  ids.filter((id) => id !== connId);

/** Asks the directory, which is the parent, to pass `event` on. */
const tell = (connIds: readonly string[], event: ConnectionCommand): DirectoryRequest => ({
  type: 'tell.connections',
  connIds,
  event,
});

/** @throws in a state without a holder; the directory then reports a fault and closes this server's connections */
const holderOf = ({ binaryId }: ServerContext): string => {
  if (binaryId === null) throw new Error('a claimed server-id has no holder');
  return binaryId;
};

/** The directive's code if it is legal on the wire. The phone is closed either way, as the binary asked. */
const closeOf = ({ closeCode, isTooLong }: DirectiveParams, isLegal: boolean): Close => {
  if (isTooLong) return isLegal ? { ...PHONE_BACKLOG_FULL, closeCode } : PHONE_BACKLOG_FULL;
  return isLegal ? { closeCode, reason: '' } : ILLEGAL_CLOSE_CODE;
};

export const serverSetup = setup({
  types: {
    context: {} as ServerContext,
    events: {} as ServerEvent,
    emitted: {} as ServerEmitted,
    input: {} as ServerInput,
  },
  delays: {
    gracePeriod: ({ context }) => context.timing.graceMs,
    probeTimeout: ({ context }) => context.timing.probeTimeoutMs,
  },
  guards: {
    hasRoomForPhone: ({ context }) => context.maxPhones <= 0 || context.phones.length < context.maxPhones,
    hasRoomInLine: ({ context }) => context.claimants.length < MAX_CLAIMANTS,
    isRegistered: ({ context }, { connId }: ConnParams) => context.phones.includes(connId),
    isHolder: ({ context }, { connId }: ConnParams) => context.binaryId === connId,
    isLastInLine: ({ context }, { connId }: ConnParams) =>
      context.claimants.length === 1 && context.claimants[0] === connId,
    registeredUnderThisBinary: ({ context }, { binaryId }: NoticeParams) => context.binaryId === binaryId,
  },
  actions: {
    takeSlot: assign({ binaryId: (_, { connId }: ConnParams) => connId }),
    listPhone: assign({ phones: ({ context }, { connId }: ConnParams) => [...context.phones, connId] }),
    admit: sendParent(({ context }, { connId, admission }: ConnParams & { readonly admission: Admission }) =>
      tell([connId], { type: 'admit', binaryId: holderOf(context), admission }),
    ),
    refuse: sendParent((_, { connId, close }: RefusalParams) => tell([connId], { type: 'refuse', close })),
    probeHolder: sendParent(({ context }) => tell([holderOf(context)], { type: 'probe' })),
    closeHolder: sendParent(({ context }, eviction: EvictionParams) =>
      tell([holderOf(context)], { type: 'close', ...eviction }),
    ),

    joinLine: assign({
      claimants: ({ context }, { connId }: ConnParams) => [...context.claimants, connId],
    }),
    leaveLine: assign({
      claimants: ({ context }, { connId }: ConnParams) => without(context.claimants, connId),
    }),
    refuseLine: enqueueActions(({ context, enqueue }, { close }: { readonly close: Close }) => {
      if (context.claimants.length === 0) throw new Error('a holder is probed, but no claimant waits');
      enqueue.assign({ claimants: [] });
      enqueue.sendParent(tell(context.claimants, { type: 'refuse', close }));
    }),
    // The rest of the line is refused at once: the new holder is known to be alive.
    admitFirstInLine: enqueueActions(({ context, enqueue }, { kind }: { readonly kind: ClaimKind }) => {
      const [first, ...rest] = context.claimants;
      if (first === undefined) throw new Error('a holder is probed, but no claimant waits');
      enqueue.assign({ binaryId: first, claimants: [] });
      enqueue.sendParent(tell([first], { type: 'admit', binaryId: first, admission: kind }));
      if (rest.length > 0) enqueue.sendParent(tell(rest, { type: 'refuse', close: SERVER_ID_CLAIMED }));
    }),

    forgetPhone: assign({
      phones: ({ context }, { connId }: ConnParams) => without(context.phones, connId),
    }),
    evictPhones: enqueueActions(({ context, enqueue }, eviction: EvictionParams) => {
      if (context.phones.length === 0) return;
      enqueue.assign({ phones: [] });
      enqueue.sendParent(tell(context.phones, { type: 'close', ...eviction }));
    }),
    // The binary asked for this close, so it gets no notice. Frames that it sent before the directive are delivered first.
    dismissPhone: enqueueActions(({ context, enqueue }, directive: DirectiveParams) => {
      const { connId, closeCode, isTooLong } = directive;
      const isLegal = maySendCloseCode(closeCode);
      enqueue.assign({ phones: without(context.phones, connId) });
      enqueue.emit({ type: 'phone.dismissed', connId, closeCode, isLegal });
      const eviction: EvictionParams = {
        close: closeOf(directive, isLegal),
        cause: 'directive',
        flush: !isTooLong,
        isNoticeOwed: false,
      };
      enqueue.sendParent(tell([connId], { type: 'close', ...eviction }));
    }),
    // A frame that cannot be delivered is never swallowed: its phone is closed, and dials again.
    evictUnheardPhone: enqueueActions(({ context, enqueue }, { connId }: ConnParams) => {
      enqueue.assign({ phones: without(context.phones, connId) });
      const eviction: EvictionParams = {
        close: NO_SERVER,
        cause: 'unheard',
        flush: false,
        isNoticeOwed: true,
      };
      enqueue.sendParent(tell([connId], { type: 'close', ...eviction }));
    }),
    notifyHolder: sendParent(({ context }, { connId, closeCode }: NoticeParams) =>
      tell([holderOf(context)], { type: 'notify', connId, closeCode }),
    ),

    loseNotice: emit((_, { connId, closeCode }: NoticeParams) => ({
      type: 'notice.lost' as const,
      connId,
      closeCode,
    })),
    announceGrace: emit({ type: 'grace.started' }),
    announceExpiry: emit({ type: 'grace.expired' }),
  },
});
