/** Serves `/metrics` on its own listener, which binds to loopback addresses only. */
import type { Server } from 'node:http';
import { answer, NOT_FOUND, plainText } from '../transport/http-answer.ts';
import { createHttpListener, type ListenerHooks } from '../transport/http-listener.ts';
import type { Metrics } from './metrics.ts';

export const createMetricsListener = (metrics: Metrics, hooks: ListenerHooks): Server =>
  createHttpListener({
    ...hooks,
    isLocalOnly: true,
    onRequest: ({ target }, response) => {
      if (target.path !== '/metrics') {
        answer(response, NOT_FOUND);
        return;
      }
      metrics.scrape().then(
        (body) => answer(response, { status: 200, headers: { 'Content-Type': metrics.contentType }, body }),
        () => answer(response, plainText(500, 'the metrics could not be gathered\n')),
      );
    },
  });
