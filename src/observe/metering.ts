/** Everything about metrics, in one module that is imported only if a metrics listener is configured. */
import type { Server } from 'node:http';
import type { ListenerHooks } from '../transport/http-listener.ts';
import type { Watcher } from '../transport/observation.ts';
import { AcmeSeries } from './acme-series.ts';
import { AdmissionSeries } from './admission-series.ts';
import { ConnectionSeries } from './connection-series.ts';
import { DialSeries } from './dial-series.ts';
import { MemorySeries } from './memory-series.ts';
import { Metrics } from './metrics.ts';
import { createMetricsListener } from './metrics-listener.ts';
import { Readiness } from './readiness.ts';
import { addReadiness } from './readiness-series.ts';
import type { Readings } from './readings.ts';
import { TlsSeries } from './tls-series.ts';

export interface Metering {
  readonly metrics: Metrics;
  /** All that count. */
  readonly watchers: readonly Watcher[];
  readonly createListener: (hooks: ListenerHooks) => Server;
}

export const createMetering = (readings: Readings): Metering => {
  const metrics = new Metrics(readings.census, readings.logLosses);
  const { registry } = metrics;
  const readiness = new Readiness(readings.readiness, () => performance.now());
  addReadiness(registry, readiness);
  return {
    metrics,
    watchers: [
      metrics,
      readiness,
      new DialSeries(registry),
      new TlsSeries(registry, readings.certificateExpiresAtMs),
      new AcmeSeries(registry),
      new ConnectionSeries(registry, readings.held),
      new AdmissionSeries(registry, readings.use),
      new MemorySeries(registry, readings.memory),
    ],
    createListener: (hooks) => createMetricsListener(metrics, readiness, hooks),
  };
};
