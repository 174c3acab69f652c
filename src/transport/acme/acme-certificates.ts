/** The certificate of the TLS listener, from an ACME server. The chart says when to order; this carries it out and reports. */
import { createActor } from 'xstate';
import { certificateMachine } from '../../machines/certificate-machine.ts';
import type { Certificate, CertificateSource } from '../certificate-source.ts';
import type { ChartTimers } from '../chart-timers.ts';
import { describeError } from '../observation.ts';
import type { PlaceOrder } from './acme-client.ts';
import type { AcmeNews } from './acme-news.ts';
import { readBundle } from './certificate-bundle.ts';
import { type CertificateCache, makeKeyPem } from './certificate-cache.ts';
import type { ChallengeAnswers } from './challenge-answers.ts';
import { asOrderFailure, OrderFailure } from './order-failure.ts';
import {
  type Attempts,
  afterFailure,
  afterIssue,
  beforeOrder,
  hasFailed,
  NO_ATTEMPTS,
  orderAtMs,
} from './renewal-schedule.ts';

export interface AcmeOptions {
  readonly directoryUrl: string;
  /** Null for none. */
  readonly email: string | null;
  readonly names: readonly string[];
  readonly cache: CertificateCache;
  readonly answers: ChallengeAnswers;
  readonly placeOrder: PlaceOrder;
  readonly timers: Pick<ChartTimers, 'install'>;
  readonly report: (seen: AcmeNews) => void;
  /** The wall clock, in ms since 1970. */
  readonly nowMs: () => number;
  /** Random, from 0 to 1. */
  readonly spread: () => number;
}

export interface AcmeCertificates extends CertificateSource {
  /** Places the first order, if one is due. Call it when the challenge listener listens. */
  readonly start: () => void;
}

/** Reads the cache, and has the certificate that is there. */
export const openAcmeCertificates = async (options: AcmeOptions): Promise<AcmeCertificates> => {
  const { names, cache, answers, report, nowMs, spread } = options;
  let held: Certificate | undefined = await cache.certificate();
  let attempts: Attempts = (await cache.attempts()) ?? NO_ATTEMPTS;
  const firstOrderAtMs = orderAtMs(attempts, held, nowMs(), spread());
  let giveUp = new AbortController();

  const actor = createActor(certificateMachine, {
    input: { nowMs, orderAtMs: firstOrderAtMs, hasFailed: hasFailed(attempts) },
  });
  options.timers.install(actor.system);

  const place = async (signal: AbortSignal): Promise<Certificate> => {
    const keep = async (): Promise<string> => {
      await cache.keepAttempts(beforeOrder(attempts, nowMs(), spread()));
      return await cache.accountKey();
    };
    const accountKeyPem = await keep().catch((error: unknown) => {
      throw new OrderFailure('cache_failed', `the cache: ${describeError(error)}`);
    });
    const certificateKeyPem = makeKeyPem();
    const { directoryUrl, email, placeOrder } = options;
    const order = { directoryUrl, email, accountKeyPem, certificateKeyPem, names, answers, signal };
    const pem = `${certificateKeyPem}${await placeOrder(order)}`;
    const issued = readIssued(pem, names, nowMs());
    const notKept = (error: unknown): void =>
      report({ type: 'certificate.not_kept', names, err: describeError(error) });
    attempts = afterIssue(issued, nowMs());
    await cache
      .keepCertificate(pem)
      .then(async () => await cache.keepAttempts(attempts))
      .catch(notKept);
    return issued;
  };

  const isRunning = (): boolean => actor.getSnapshot().status === 'active';

  const fail = async (fault: unknown): Promise<void> => {
    const { kind, message, retryAfterMs } = asOrderFailure(fault, undefined);
    attempts = afterFailure(attempts, { kind, retryAfterMs }, nowMs(), spread());
    // A cache that cannot be written has been reported as the failure, or the process has not ended: this one waits anyway.
    await cache.keepAttempts(attempts).catch(() => {});
    report({
      type: 'certificate.order_failed',
      names,
      kind,
      err: message,
      retryAtMs: attempts.notBeforeMs,
    });
    if (isRunning()) actor.send({ type: 'order.failed', retryAtMs: attempts.notBeforeMs });
  };

  const order = async (): Promise<void> => {
    giveUp = new AbortController();
    try {
      held = await place(giveUp.signal);
    } catch (error) {
      // The relay stops: nothing has failed, and the cache says already that an order has begun.
      if (isRunning()) await fail(error);
      return;
    }
    report({ type: 'certificate.issued', names, expiresAtMs: held.expiresAtMs });
    const renewAtMs = orderAtMs(attempts, held, nowMs(), spread());
    if (isRunning()) actor.send({ type: 'order.succeeded', renewAtMs });
  };

  actor.on('order.due', () => void order());
  actor.on('order.overdue', () => giveUp.abort());
  return {
    current: () => held,
    start: () => {
      if (hasFailed(attempts) && firstOrderAtMs > nowMs())
        report({ type: 'certificate.order_waits', names, retryAtMs: firstOrderAtMs });
      actor.start();
    },
    end: () => {
      if (isRunning()) actor.send({ type: 'end' });
      giveUp.abort();
    },
  };
};

const readIssued = (pem: string, names: readonly string[], nowMs: number): Certificate => {
  try {
    return readBundle(pem, names, nowMs);
  } catch {
    throw new OrderFailure('unusable', 'a certificate that does not fit');
  }
};
