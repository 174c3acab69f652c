/** Serves `/metrics`, `/livez` and `/readyz` on their own listener, which binds to loopback addresses only. */
import type { Server } from 'node:http';
import { answer, type HttpAnswer, NOT_FOUND, plainText } from '../transport/http-answer.ts';
import { createHttpListener, type ListenerHooks } from '../transport/http-listener.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

const json = (status: number, body: unknown): HttpAnswer => ({
  status,
  headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' },
  body: `${JSON.stringify(body)}\n`,
});

/** It answers, so the event loop turns. Whoever restarts a process for this must not do so because it is busy or drains. */
const ALIVE = json(200, { status: 'alive' });

const readyAnswer = (readiness: Readiness): HttpAnswer => {
  const reasons = readiness.reasons();
  return reasons.length === 0
    ? json(200, { status: 'ready', reasons })
    : json(503, { status: 'not ready', reasons });
};

const scrapeAnswer = async (metrics: Metrics): Promise<HttpAnswer> => {
  try {
    const body = await metrics.scrape();
    return { status: 200, headers: { 'Content-Type': metrics.contentType }, body };
  } catch {
    return plainText(500, 'the metrics could not be gathered\n');
  }
};

export const createMetricsListener = (metrics: Metrics, readiness: Readiness, hooks: ListenerHooks): Server =>
  createHttpListener({
    ...hooks,
    isLocalOnly: true,
    onRequest: ({ target }, response) => {
      switch (target.path) {
        case '/livez':
          answer(response, ALIVE);
          return;
        case '/readyz':
          answer(response, readyAnswer(readiness));
          return;
        case '/metrics':
          void scrapeAnswer(metrics).then((given) => answer(response, given));
          return;
        default:
          answer(response, NOT_FOUND);
      }
    },
  });
