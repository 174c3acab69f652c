/**
 * One wake, from the pipeline to its outcome (spec section 10). It waits for a credential, is sent, and may be sent once more if the
 * provider is busy, and once more with a new credential if it refuses the old one.
 */
import { assign, emit, enqueueActions, sendParent, setup } from 'xstate';
import { PUSH_CALL_TIMEOUT_MS, WAKE_RETRY_MS } from '../protocol/push-limits.ts';
import type { SendAnswer, SendOutcome, WakeEmitted, WakeEnd, WakeEvent, WakeInput } from './wake-messages.ts';

export interface WakeContext extends WakeInput {
  /** The one it was last sent with; 0 before. */
  readonly credential: number;
  readonly hasRenewed: boolean;
  readonly hasRetried: boolean;
  /** Before the second try. */
  readonly retryMs: number;
  /** Why it has failed if its time is up now. */
  readonly lateReason: string;
}

const TIMED_OUT = 'timed out';

const retryMsOf = (outcome: SendOutcome): number =>
  outcome.kind === 'busy' ? (outcome.retryAfterMs ?? WAKE_RETRY_MS) : 0;

/** How a wake ends that is not tried again. */
const endOf = (outcome: SendOutcome): WakeEnd => {
  if (outcome.kind === 'sent') return { outcome: 'sent', messageId: outcome.messageId ?? null };
  const { kind, reason } = outcome;
  return { outcome: kind === 'unregistered' ? 'unregistered' : 'send_failed', reason };
};

/** A service that is busy may not have looked at the credential. */
const isCredentialGood = (outcome: SendOutcome): boolean =>
  outcome.kind === 'sent' ||
  outcome.kind === 'unregistered' ||
  (outcome.kind === 'failed' && outcome.isCredentialGood === true);

/** How a wake ends whose answer, or the lack of one, says nothing of the credential. */
const failedEnd = (slot: number, outcome: 'send_failed' | 'token_fetch_failed', reason: string) =>
  ({ type: 'wake.ended', slot, goodCredential: 0, end: { outcome, reason } }) as const;

const chart = setup({
  types: {
    context: {} as WakeContext,
    input: {} as WakeInput,
    events: {} as WakeEvent,
    emitted: {} as WakeEmitted,
  },
  delays: {
    callTimeout: PUSH_CALL_TIMEOUT_MS,
    retryDelay: ({ context }) => context.retryMs,
  },
  guards: {
    mayRenew: ({ context }, { outcome }: SendAnswer) =>
      outcome.kind === 'unauthorized' && !context.hasRenewed,
    mayRetry: ({ context }, { outcome }: SendAnswer) =>
      outcome.kind === 'busy' && !context.hasRetried && retryMsOf(outcome) < PUSH_CALL_TIMEOUT_MS,
  },
  actions: {
    takeCredential: assign((_, { credential }: { readonly credential: number }) => ({ credential })),
    send: emit({ type: 'send.due' }),
    askForAnother: enqueueActions(({ enqueue, context: { slot, credential } }) => {
      enqueue.assign({ hasRenewed: true });
      enqueue.sendParent({ type: 'credential.refused', slot, credential });
    }),
    planRetry: assign((_, { outcome }: SendAnswer) => ({
      hasRetried: true,
      retryMs: retryMsOf(outcome),
      lateReason: outcome.kind === 'busy' ? outcome.reason : TIMED_OUT,
    })),
    forgetReason: assign({ lateReason: TIMED_OUT }),
    reportAnswer: sendParent(({ context: { slot, credential } }, { outcome }: SendAnswer) => ({
      type: 'wake.ended',
      slot,
      goodCredential: isCredentialGood(outcome) ? credential : 0,
      end: endOf(outcome),
    })),
    reportLate: sendParent(({ context: { slot, lateReason } }) => failedEnd(slot, 'send_failed', lateReason)),
    reportCancelled: sendParent(({ context: { slot } }, { reason }: { readonly reason: string }) =>
      failedEnd(slot, 'send_failed', reason),
    ),
    reportNoCredential: sendParent(({ context: { slot } }, { reason }: { readonly reason: string }) =>
      failedEnd(slot, 'token_fetch_failed', reason),
    ),
  },
});

export const wakeMachine = chart.createMachine({
  id: 'wake',
  description: 'One wake of a phone that is away.',
  context: ({ input }) => ({
    ...input,
    credential: 0,
    hasRenewed: false,
    hasRetried: false,
    retryMs: 0,
    lateReason: TIMED_OUT,
  }),
  initial: 'awaitingCredential',
  on: {
    cancel: { target: '.ended', actions: { type: 'reportCancelled', params: ({ event }) => event } },
  },
  states: {
    awaitingCredential: {
      description: 'The push chart has or fetches a credential, and says how that ends.',
      on: {
        'credential.ready': {
          target: 'delivering',
          actions: { type: 'takeCredential', params: ({ event }) => event },
        },
        'credential.failed': {
          target: 'ended',
          actions: { type: 'reportNoCredential', params: ({ event }) => event },
        },
      },
    },
    delivering: {
      description: 'Ends within the time of one call, the second try included.',
      initial: 'sending',
      after: { callTimeout: { target: 'ended', actions: 'reportLate' } },
      states: {
        sending: {
          description: 'The provider has been called.',
          entry: 'send',
          on: {
            'send.answered': [
              {
                guard: { type: 'mayRenew', params: ({ event }) => event },
                target: '#wake.awaitingCredential',
                actions: 'askForAnother',
              },
              {
                guard: { type: 'mayRetry', params: ({ event }) => event },
                target: 'waitingToRetry',
                actions: { type: 'planRetry', params: ({ event }) => event },
              },
              { target: '#wake.ended', actions: { type: 'reportAnswer', params: ({ event }) => event } },
            ],
          },
        },
        waitingToRetry: {
          description: 'The provider was busy, and has said how long to wait, or nothing.',
          after: { retryDelay: { target: 'sending', actions: 'forgetReason' } },
        },
      },
    },
    ended: { type: 'final', description: 'The push chart has been told the outcome.' },
  },
});
