/** Everything about metrics, in one module that is imported only if a metrics listener is configured. */
import type { Server } from 'node:http';
import type { ListenerHooks } from '../transport/http-listener.ts';
import type { Watcher } from '../transport/observation.ts';
import { AcmeSeries } from './acme-series.ts';
import { type AdmissionReading, AdmissionSeries } from './admission-series.ts';
import type { Census } from './census.ts';
import { ConnectionSeries, type Held } from './connection-series.ts';
import { DialSeries } from './dial-series.ts';
import type { LogLosses } from './log-losses.ts';
import type { MemoryReadings } from './memory-readings.ts';
import { MemorySeries } from './memory-series.ts';
import { Metrics } from './metrics.ts';
import { createMetricsListener } from './metrics-listener.ts';
import { TlsSeries } from './tls-series.ts';

export interface Metering {
  readonly metrics: Metrics;
  /** All that count. */
  readonly watchers: readonly Watcher[];
  readonly createListener: (hooks: ListenerHooks) => Server;
}

/**
 * @param held the open connections by conn id
 * @param certificateExpiresAtMs undefined while there is no certificate
 * @param use what is used of the limits of admission
 */
export const createMetering = (
  census: Census,
  logLosses: LogLosses,
  held: ReadonlyMap<string, Held>,
  certificateExpiresAtMs: () => number | undefined,
  use: () => AdmissionReading,
  memory: MemoryReadings,
): Metering => {
  const metrics = new Metrics(census, logLosses);
  const { registry } = metrics;
  return {
    metrics,
    watchers: [
      metrics,
      new DialSeries(registry),
      new TlsSeries(registry, certificateExpiresAtMs),
      new AcmeSeries(registry),
      new ConnectionSeries(registry, held),
      new AdmissionSeries(registry, use),
      new MemorySeries(registry, memory),
    ],
    createListener: (hooks) => createMetricsListener(metrics, hooks),
  };
};
