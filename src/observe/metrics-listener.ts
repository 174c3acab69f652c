/** Serves `/metrics` on its own listener, which binds to loopback addresses only. */
import { createServer, type Server } from 'node:http';
import { answer, NOT_FOUND, plainText } from '../transport/http-answer.ts';
import { serverOptions } from '../transport/http-server-options.ts';
import type { Metrics } from './metrics.ts';

export const createMetricsListener = (metrics: Metrics): Server =>
  createServer(serverOptions, (request, response) => {
    if (request.url !== '/metrics') {
      answer(response, NOT_FOUND);
      return;
    }
    metrics.scrape().then(
      (body) => answer(response, { status: 200, headers: { 'Content-Type': metrics.contentType }, body }),
      () => answer(response, plainText(500, 'the metrics could not be gathered\n')),
    );
  });
