/** What `/readyz` says, for Prometheus. */
import { Gauge, type Registry } from 'prom-client';
import { everyOf, PREFIX } from './own-series.ts';
import type { NotReady, Readiness } from './readiness.ts';

const REASONS = everyOf<NotReady>({
  starting: true,
  draining: true,
  shedding: true,
  memory_watermark: true,
  descriptors: true,
});

export const addReadiness = (registry: Registry, readiness: Readiness): void => {
  const registers = [registry];
  const ready: Gauge = new Gauge({
    name: `${PREFIX}ready`,
    help: '1 while /readyz answers 200.',
    registers,
    collect: () => ready.set(readiness.reasons().length === 0 ? 1 : 0),
  });
  const notReady: Gauge<'reason'> = new Gauge({
    name: `${PREFIX}not_ready`,
    help: '1 for each reason for which /readyz answers 503.',
    labelNames: ['reason'],
    registers,
    collect: () => {
      for (const reason of REASONS) notReady.set({ reason }, 0);
      for (const reason of readiness.reasons()) notReady.set({ reason }, 1);
    },
  });
};
