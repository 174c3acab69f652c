/** All there is to metrics, in one module: it is loaded only when there is a listener for them. */
export { Metrics } from './metrics.ts';
export { createMetricsListener } from './metrics-listener.ts';
