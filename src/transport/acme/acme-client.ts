/**
 * Places one order with an ACME server (RFC 8555), through the optional package `acme-client`. The package speaks the protocol; this
 * file bounds it: each request has a timeout and ends with the order, no answer is longer than it may be, nothing is retried by
 * itself, no redirect is followed, and no proxy of the environment is used.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { loadOptional } from '../optional-package.ts';
import {
  ACME_POLL_MAX_MS,
  ACME_POLL_MIN_MS,
  ACME_REQUEST_TIMEOUT_MS,
  MAX_ACME_ANSWER_BYTES,
} from './acme-limits.ts';
import type { ChallengeAnswers } from './challenge-answers.ts';
import { asOrderFailure, OrderFailure, type Problem, problemIn } from './order-failure.ts';

export interface Order {
  readonly directoryUrl: string;
  /** Null for none. */
  readonly email: string | null;
  readonly accountKeyPem: string;
  readonly certificateKeyPem: string;
  readonly names: readonly string[];
  readonly answers: ChallengeAnswers;
  /** Gives the order up. */
  readonly signal: AbortSignal;
}

/**
 * @returns the chain in PEM, the certificate first
 * @throws OrderFailure
 */
export type PlaceOrder = (order: Order) => Promise<string>;

/** What an order keeps beside the package, which turns every problem into one text. */
interface Running {
  readonly signal: AbortSignal;
  problem: Problem | undefined;
}

const running = new AsyncLocalStorage<Running>();

let loading: Promise<PlaceOrder> | undefined;

/** @throws PackageMissing */
export const loadAcmeClient = async (): Promise<PlaceOrder> => await (loading ??= load());

const load = async (): Promise<PlaceOrder> => {
  const { Client, axios, crypto } = await loadOptional(
    'acme-client',
    async () => await import('acme-client'),
  );
  // The package's own would sleep within a request for as long as the server says, a day for example, and hide why none was answered.
  axios.interceptors.request.clear();
  axios.interceptors.response.clear();
  axios.interceptors.request.use((config) => {
    const signal = running.getStore()?.signal;
    return Object.assign(config, {
      timeout: ACME_REQUEST_TIMEOUT_MS,
      maxContentLength: MAX_ACME_ANSWER_BYTES,
      maxRedirects: 0,
      proxy: false,
      ...(signal !== undefined && { signal }),
    });
  });
  axios.interceptors.response.use((response) => {
    const order = running.getStore();
    if (order !== undefined) {
      const body: unknown = response.data;
      const retryAfter: unknown = response.headers['retry-after'];
      order.problem = problemIn(response.status, body, retryAfter, Date.now()) ?? order.problem;
    }
    return response;
  });

  const place = async ({ names, answers, email, ...order }: Order): Promise<string> => {
    const client = new Client({
      directoryUrl: order.directoryUrl,
      accountKey: order.accountKeyPem,
      backoffMin: ACME_POLL_MIN_MS,
      backoffMax: ACME_POLL_MAX_MS,
    });
    const [, csr] = await crypto.createCsr({ altNames: [...names] }, order.certificateKeyPem);
    return await client.auto({
      csr,
      ...(email !== null && { email }),
      // As with the Go relay: asking for a certificate accepts the terms.
      termsOfServiceAgreed: true,
      // It would ask this machine, whose way to its own name may be another than that of the server.
      skipChallengeVerification: true,
      challengePriority: ['http-01'],
      challengeCreateFn: async (_, challenge, keyAuthorization) => {
        if (challenge.type !== 'http-01') throw new OrderFailure('refused', 'no http-01 challenge');
        answers.offer(challenge.token, keyAuthorization);
      },
      challengeRemoveFn: async (_, challenge) => answers.withdraw(challenge.token),
    });
  };

  return async (order) => {
    const state: Running = { signal: order.signal, problem: undefined };
    try {
      // Pauses of the package end when they end; what it asks afterwards is refused by the signal.
      return await Promise.race([running.run(state, () => place(order)), givenUp(order.signal)]);
    } catch (error) {
      throw order.signal.aborted ? TIMED_OUT : asOrderFailure(error, state.problem);
    } finally {
      order.answers.clear();
    }
  };
};

const TIMED_OUT = new OrderFailure('timed_out', 'the order took too long');

const givenUp = async (signal: AbortSignal): Promise<never> =>
  await new Promise((_, reject) => {
    if (signal.aborted) reject(TIMED_OUT);
    signal.addEventListener('abort', () => reject(TIMED_OUT), { once: true });
  });
