/** The delays, guards and actions of the push chart. */
import { assign, emit, enqueueActions, setup } from 'xstate';
import * as limits from '../protocol/push-limits.ts';
import type {
  CredentialOutcome,
  FetchAnswer,
  NumberedFetchAnswer,
  PushEmitted,
  PushEvent,
  WakeRef,
} from './push-messages.ts';
import { wakeMachine } from './wake-machine.ts';
import type { AdmittedWake, CredentialRefusal, WakeResult } from './wake-messages.ts';

export interface PushInput {
  /** Whether there is a provider. */
  readonly isOn: boolean;
}

export interface PushContext extends PushInput {
  /** Those in flight, by slot. */
  readonly wakes: ReadonlyMap<number, WakeRef>;
  /** Slots of those that wait for a credential. */
  readonly waiting: readonly number[];
  /** Numbers the fetches: that of the last one. */
  readonly credential: number;
  /** Fetches that have failed since a wake showed that its credential is good, and new credentials that were refused. */
  readonly failures: number;
  /** Credentials that were refused since one was good, or fetched because the last one was old. */
  readonly refusals: number;
  /** How long the credential is used. */
  readonly freshMs: number;
  readonly backoffMs: number;
}

export const WAKE_PREFIX = 'wake/';

export const TIMED_OUT: CredentialOutcome = { kind: 'failed', reason: 'timed out' };
export const REFUSED: CredentialOutcome = { kind: 'failed', reason: 'the new credential was refused too' };
/** Of wakes that come before the next fetch. */
export const BACKING_OFF: CredentialOutcome = { kind: 'failed', reason: 'the last one has failed' };

/** Exponential: a service that is down is not called for every wake. */
const backoffMsOf = (failures: number, outcome: CredentialOutcome): number => {
  const doubled = limits.CREDENTIAL_BACKOFF_MS * 2 ** Math.min(failures, 16);
  const asked = outcome.kind === 'failed' ? (outcome.retryAfterMs ?? 0) : 0;
  return Math.max(
    Math.min(doubled, limits.MAX_CREDENTIAL_BACKOFF_MS),
    Math.min(asked, limits.MAX_CREDENTIAL_RETRY_AFTER_MS),
  );
};

const reasonOf = (outcome: CredentialOutcome): string =>
  `token fetch: ${outcome.kind === 'failed' ? outcome.reason : 'none'}`;

const freeSlot = (wakes: PushContext['wakes']): number => {
  let slot = 0;
  while (wakes.has(slot)) slot++;
  return slot;
};

const slotOf = (actorId: string): number => Number(actorId.slice(WAKE_PREFIX.length));

const without = (slots: readonly number[], slot: number): readonly number[] =>
  slots.filter((each) => each !== slot);

export const pushSetup = setup({
  types: {
    context: {} as PushContext,
    input: {} as PushInput,
    events: {} as PushEvent,
    emitted: {} as PushEmitted,
  },
  actors: { wake: wakeMachine },
  delays: {
    callTimeout: limits.PUSH_CALL_TIMEOUT_MS,
    freshness: ({ context }) => context.freshMs,
    backoff: ({ context }) => context.backoffMs,
  },
  guards: {
    isOn: ({ context }) => context.isOn,
    isOnNow: (_, { isOn }: PushInput) => isOn,
    isAwaited: ({ context }) => context.waiting.length > 0,
    isEmpty: ({ context }) => context.wakes.size === 0,
    hasRoom: ({ context }) => context.wakes.size < limits.MAX_WAKES_IN_FLIGHT,
    isReady: ({ context }, { credential, outcome }: NumberedFetchAnswer) =>
      credential === context.credential && outcome.kind === 'ready',
    isDenied: ({ context }, { credential, outcome }: NumberedFetchAnswer) =>
      credential === context.credential && outcome.kind === 'failed',
    isOutdated: ({ context }, { credential }: CredentialRefusal) => credential !== context.credential,
    isRefusedAgain: ({ context }) => context.refusals > 0,
  },
  actions: {
    /** Transport hears of it before it is told anything. */
    admit: enqueueActions(({ enqueue }, { id, serverId, fingerprint }: AdmittedWake) => {
      enqueue.assign(({ context, spawn }) => {
        const slot = freeSlot(context.wakes);
        const ref = spawn('wake', {
          id: `${WAKE_PREFIX}${slot}`,
          input: { id, slot, serverId, fingerprint },
        });
        return {
          wakes: new Map(context.wakes).set(slot, ref),
          waiting: [...context.waiting, slot],
        };
      });
      enqueue.emit(({ context: { wakes, waiting } }) => {
        const ref = wakes.get(waiting.at(-1) ?? 0);
        if (ref === undefined) throw new Error('a wake was admitted and not created');
        return { type: 'wake.created', id, ref };
      });
    }),
    turnAway: emit(
      (_, { id, serverId, fingerprint, reason }: AdmittedWake & { readonly reason: string }) => ({
        type: 'wake.ended',
        id,
        serverId,
        fingerprint,
        end: { outcome: 'send_failed', reason },
      }),
    ),
    await: assign(({ context }, { slot }: CredentialRefusal) => ({ waiting: [...context.waiting, slot] })),
    countRefusal: assign(({ context }) => ({ refusals: context.refusals + 1 })),
    fetch: enqueueActions(({ enqueue, context }) => {
      const credential = context.credential + 1;
      enqueue.assign({ credential });
      enqueue.emit({ type: 'credential.due', credential });
    }),
    endFetch: emit(({ context: { credential } }) => ({ type: 'credential.settled', credential })),
    /** Another provider has failed nobody yet; of the same one the operator says that it is mended. */
    startOver: assign({ failures: 0, refusals: 0 }),
    forgetRefusals: assign({ refusals: 0 }),
    /** A fetch that succeeds ends no row of failures: a provider may issue what it then refuses. */
    keepCredential: assign((_, { outcome }: FetchAnswer) => ({
      freshMs: Math.max(
        limits.MIN_CREDENTIAL_USE_MS,
        Math.min(outcome.kind === 'ready' ? outcome.expiresInMs : 0, limits.MAX_CREDENTIAL_USE_MS) -
          limits.CREDENTIAL_EARLY_MS,
      ),
    })),
    countFailure: assign(({ context }, { outcome }: FetchAnswer) => ({
      failures: context.failures + 1,
      refusals: 0,
      backoffMs: backoffMsOf(context.failures, outcome),
    })),
    tellReady: enqueueActions(({ enqueue, context: { wakes, waiting, credential } }) => {
      for (const slot of waiting) {
        const ref = wakes.get(slot);
        if (ref !== undefined) enqueue.sendTo(ref, { type: 'credential.ready', credential });
      }
      enqueue.assign({ waiting: [] });
    }),
    tellFailed: enqueueActions(({ enqueue, context: { wakes, waiting } }, { outcome }: FetchAnswer) => {
      for (const slot of waiting) {
        const ref = wakes.get(slot);
        if (ref !== undefined) enqueue.sendTo(ref, { type: 'credential.failed', reason: reasonOf(outcome) });
      }
      enqueue.assign({ waiting: [] });
    }),
    cancelWakes: enqueueActions(({ enqueue, context }, { reason }: { readonly reason: string }) => {
      for (const ref of context.wakes.values()) enqueue.sendTo(ref, { type: 'cancel', reason });
    }),
    release: enqueueActions(({ enqueue, context }, { slot, end, goodCredential }: WakeResult) => {
      const ref = context.wakes.get(slot);
      if (ref === undefined) return;
      const { id, serverId, fingerprint } = ref.getSnapshot().context;
      // XState keeps a child that has ended until it is stopped.
      enqueue.stopChild(ref);
      const wakes = new Map(context.wakes);
      wakes.delete(slot);
      enqueue.assign({
        wakes,
        waiting: without(context.waiting, slot),
        ...(goodCredential > 0 && goodCredential === context.credential && { failures: 0, refusals: 0 }),
      });
      enqueue.emit({ type: 'wake.ended', id, serverId, fingerprint, end });
    }),
    /** Its chart threw. It still has an outcome. */
    abandon: enqueueActions(
      ({ enqueue, context }, { actorId, error }: { readonly actorId: string; readonly error: unknown }) => {
        const slot = slotOf(actorId);
        const ref = context.wakes.get(slot);
        if (ref === undefined) return;
        enqueue.emit({ type: 'wake.failed', error });
        enqueue.raise({
          type: 'wake.ended',
          slot,
          goodCredential: 0,
          end: { outcome: 'send_failed', reason: 'internal error' },
        });
      },
    ),
  },
});
