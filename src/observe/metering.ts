/** Everything about metrics, in one module that is imported only if a metrics listener is configured. */
export { ConnectionSeries } from './connection-series.ts';
export { Metrics } from './metrics.ts';
export { createMetricsListener } from './metrics-listener.ts';
