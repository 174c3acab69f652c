/** Everything about metrics, in one module that is imported only if a metrics listener is configured. */
import type { Server } from 'node:http';
import type { ListenerHooks } from '../transport/http-listener.ts';
import type { Watcher } from '../transport/observation.ts';
import { AcmeSeries } from './acme-series.ts';
import { addActors } from './actor-series.ts';
import { AdmissionSeries } from './admission-series.ts';
import { addBuildInfo } from './build-info.ts';
import { CloseSeries } from './close-series.ts';
import { ConnectionSeries } from './connection-series.ts';
import { DialSeries } from './dial-series.ts';
import { EnvelopeSeries } from './envelope-series.ts';
import { LifecycleSeries } from './lifecycle-series.ts';
import { MemorySeries } from './memory-series.ts';
import { Metrics } from './metrics.ts';
import { createMetricsListener } from './metrics-listener.ts';
import { addProcess, measureLoopDelay } from './process-series.ts';
import { PushSeries } from './push-series.ts';
import { Readiness } from './readiness.ts';
import { addReadiness } from './readiness-series.ts';
import type { Readings } from './readings.ts';
import { TlsSeries } from './tls-series.ts';
import { TrafficSeries } from './traffic-series.ts';

export interface Metering {
  readonly metrics: Metrics;
  /** All that count. */
  readonly watchers: readonly Watcher[];
  readonly createListener: (hooks: ListenerHooks) => Server;
  /** Ends what is measured all the time. */
  readonly end: () => void;
}

export const createMetering = (readings: Readings): Metering => {
  const metrics = new Metrics(readings.census, readings.logLosses);
  const { registry } = metrics;
  const readiness = new Readiness(readings.readiness, () => performance.now());
  addReadiness(registry, readiness);
  addActors(registry, readings.actors);
  addBuildInfo(registry);
  const { residentBytes } = readings.memory;
  addProcess(registry, { residentBytes, descriptors: readings.readiness.descriptors });
  const end = measureLoopDelay(registry);
  return {
    metrics,
    watchers: [
      metrics,
      new EnvelopeSeries(registry),
      readiness,
      new DialSeries(registry),
      new TlsSeries(registry, readings.certificateExpiresAtMs),
      new AcmeSeries(registry),
      new ConnectionSeries(registry, readings.held),
      new AdmissionSeries(registry, readings.use),
      new MemorySeries(registry, readings.memory),
      new TrafficSeries(registry, readings.receivedBytes),
      new LifecycleSeries(registry, readings.unreadReloads),
      new CloseSeries(registry),
      new PushSeries(registry, readings.deadTokens),
    ],
    createListener: (hooks) => createMetricsListener(metrics, readiness, hooks),
    end,
  };
};
