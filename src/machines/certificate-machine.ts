/**
 * The certificate from an ACME server: when it is ordered, and when an order is tried again. It knows times, and neither keys nor
 * sockets. Its clock is the wall clock, because certificates expire by it; a timer only says when to look at it.
 */
import { assign, emit, setup } from 'xstate';
import { CERTIFICATE_LOOK_INTERVAL_MS, CERTIFICATE_ORDER_TIMEOUT_MS } from '../protocol/tls-limits.ts';

export interface CertificateInput {
  /** The wall clock, in ms since 1970. */
  readonly nowMs: () => number;
  /** When the next order is due: 0 if there is no certificate, and none has been ordered in vain. */
  readonly orderAtMs: number;
  /** The last order has failed, before this start too. */
  readonly hasFailed: boolean;
}

export type CertificateEvent =
  | { readonly type: 'order.succeeded'; readonly renewAtMs: number }
  | { readonly type: 'order.failed'; readonly retryAtMs: number }
  /** The relay stops. */
  | { readonly type: 'end' };

export type CertificateEmitted =
  /** Place an order, and report how it ends. */
  | { readonly type: 'order.due' }
  /** Give the order up, and report that it has failed. */
  | { readonly type: 'order.overdue' };

const chart = setup({
  types: {
    context: {} as CertificateInput,
    input: {} as CertificateInput,
    events: {} as CertificateEvent,
    emitted: {} as CertificateEmitted,
  },
  delays: {
    /** In slices: the wall clock may be set, and a machine that sleeps counts no time. */
    nextLook: ({ context }) =>
      Math.min(Math.max(context.orderAtMs - context.nowMs(), 0), CERTIFICATE_LOOK_INTERVAL_MS),
    orderTimeout: CERTIFICATE_ORDER_TIMEOUT_MS,
  },
  guards: {
    isDue: ({ context }) => context.nowMs() >= context.orderAtMs,
    hasFailed: ({ context }) => context.hasFailed,
  },
  actions: {
    order: emit({ type: 'order.due' }),
    giveUpOrder: emit({ type: 'order.overdue' }),
    planRenewal: assign((_, { renewAtMs }: { renewAtMs: number }) => ({
      orderAtMs: renewAtMs,
      hasFailed: false,
    })),
    planRetry: assign((_, { retryAtMs }: { retryAtMs: number }) => ({
      orderAtMs: retryAtMs,
      hasFailed: true,
    })),
  },
});

export const certificateMachine = chart.createMachine({
  id: 'certificate',
  description: 'One certificate from an ACME server.',
  context: ({ input }) => input,
  initial: 'starting',
  on: { end: '.ended' },
  states: {
    starting: {
      description: 'Decides by what the cache has. Left at once.',
      always: [
        { guard: 'isDue', target: 'ordering' },
        { guard: 'hasFailed', target: 'retrying' },
        { target: 'fresh' },
      ],
    },
    fresh: {
      description: 'The certificate need not be renewed yet.',
      after: {
        nextLook: [
          { guard: 'isDue', target: 'ordering' },
          { target: 'fresh', reenter: true },
        ],
      },
    },
    ordering: {
      description: 'An order is placed. Without a certificate, handshakes are refused meanwhile.',
      entry: 'order',
      after: { orderTimeout: { actions: 'giveUpOrder' } },
      on: {
        'order.succeeded': {
          target: 'fresh',
          actions: { type: 'planRenewal', params: ({ event }) => event },
        },
        'order.failed': {
          target: 'retrying',
          actions: { type: 'planRetry', params: ({ event }) => event },
        },
      },
    },
    retrying: {
      description: 'An order has failed. The next one waits, so that the limits of the server are kept.',
      after: {
        nextLook: [
          { guard: 'isDue', target: 'ordering' },
          { target: 'retrying', reenter: true },
        ],
      },
    },
    ended: { type: 'final', description: 'No more orders.' },
  },
});
