/** All there is to metrics, in one module: it is loaded only when there is a listener for them. */
import type { Census } from './census.ts';
import { Metrics } from './metrics.ts';

export { createMetricsListener } from './metrics-listener.ts';

export const createMetrics = (census: Census, droppedLogLines: () => number): Metrics =>
  new Metrics(census, droppedLogLines);
