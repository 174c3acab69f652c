/** The words the server chart is written in: its delays, guards and actions. */
import { assign, emit, enqueueActions, setup } from 'xstate';
import {
  type Close,
  HEARTBEAT_TIMEOUT,
  ILLEGAL_CLOSE_CODE,
  maySendCloseCode,
  NO_SERVER,
  SERVER_ID_CLAIMED,
} from '../protocol/close-codes.ts';
import { MAX_CLAIMANTS } from '../protocol/limits.ts';
import type {
  ClaimKind,
  ConnParams,
  DirectiveParams,
  EvictionParams,
  NoticeParams,
  ServerContext,
  ServerEmitted,
  ServerEvent,
  ServerInput,
} from './server-messages.ts';

const without = (ids: readonly string[], connId: string): readonly string[] =>
  ids.filter((id) => id !== connId);

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
    admitBinary: enqueueActions(
      ({ enqueue }, { connId, kind }: ConnParams & { readonly kind: ClaimKind }) => {
        enqueue.assign({ binaryId: connId });
        enqueue.emit({ type: 'binary.admitted', connId, kind });
      },
    ),
    refuseBinary: emit((_, { connId, close }: ConnParams & { readonly close: Close }) => ({
      type: 'binary.refused' as const,
      connId,
      close,
    })),
    probeHolder: enqueueActions(({ context, enqueue }) => {
      if (context.binaryId !== null) enqueue.emit({ type: 'binary.probed', connId: context.binaryId });
    }),
    closeHolder: enqueueActions(
      ({ context, enqueue }, params: { readonly close: Close; readonly flush: boolean }) => {
        if (context.binaryId === null) return;
        enqueue.emit({ type: 'binary.evicted', connId: context.binaryId, ...params });
      },
    ),

    joinLine: assign({
      claimants: ({ context }, { connId }: ConnParams) => [...context.claimants, connId],
    }),
    leaveLine: assign({
      claimants: ({ context }, { connId }: ConnParams) => without(context.claimants, connId),
    }),
    refuseLine: enqueueActions(({ context, enqueue }, { close }: { readonly close: Close }) => {
      enqueue.assign({ claimants: [] });
      for (const connId of context.claimants) enqueue.emit({ type: 'binary.refused', connId, close });
    }),
    // The rest of the line is answered too: the slot now has a holder known to be alive.
    admitFirstInLine: enqueueActions(({ context, enqueue }, { kind }: { readonly kind: ClaimKind }) => {
      const [first, ...rest] = context.claimants;
      if (first === undefined) return;
      enqueue.assign({ binaryId: first, claimants: [] });
      enqueue.emit({ type: 'binary.admitted', connId: first, kind });
      for (const connId of rest) enqueue.emit({ type: 'binary.refused', connId, close: SERVER_ID_CLAIMED });
    }),

    // The guard's check and this append are one event: nothing gets between them.
    admitPhone: enqueueActions(({ context, enqueue }, { connId }: ConnParams) => {
      if (context.binaryId === null) return;
      enqueue.assign({ phones: [...context.phones, connId] });
      enqueue.emit({ type: 'phone.admitted', connId, binaryId: context.binaryId });
    }),
    refusePhone: emit((_, { connId, close }: ConnParams & { readonly close: Close }) => ({
      type: 'phone.refused' as const,
      connId,
      close,
    })),
    forgetPhone: assign({
      phones: ({ context }, { connId }: ConnParams) => without(context.phones, connId),
    }),
    evictPhones: enqueueActions(({ context, enqueue }, params: EvictionParams) => {
      enqueue.assign({ phones: [] });
      for (const connId of context.phones) enqueue.emit({ type: 'phone.evicted', connId, ...params });
    }),
    // The binary's own code where it may go on the wire; otherwise the phone goes all the same, with 1011.
    dismissPhone: enqueueActions(({ context, enqueue }, { connId, closeCode }: DirectiveParams) => {
      const close = maySendCloseCode(closeCode) ? { closeCode, reason: '' } : ILLEGAL_CLOSE_CODE;
      enqueue.assign({ phones: without(context.phones, connId) });
      enqueue.emit({ type: 'phone.evicted', connId, close, cause: 'directive', flush: true });
    }),
    // A frame that cannot be delivered is never swallowed: its phone goes, and dials again.
    evictUnheardPhone: enqueueActions(({ context, enqueue }, { connId }: ConnParams) => {
      enqueue.assign({ phones: without(context.phones, connId) });
      enqueue.emit({ type: 'phone.evicted', connId, close: NO_SERVER, cause: 'unheard', flush: false });
    }),
    noticeBinary: emit((_, { connId, binaryId, closeCode }: NoticeParams) => ({
      type: 'notice.due' as const,
      connId,
      binaryId,
      closeCode,
    })),
    loseNotice: emit((_, { connId, binaryId, closeCode }: NoticeParams) => ({
      type: 'notice.lost' as const,
      connId,
      binaryId,
      closeCode,
    })),

    announceGrace: emit({ type: 'grace.started' }),
    announceExpiry: emit({ type: 'grace.expired' }),
  },
});

/** The displaced holder of a takeover: it did not answer, which is what a heartbeat would have found too. */
export const SILENT_HOLDER = { close: HEARTBEAT_TIMEOUT, flush: false } as const;
