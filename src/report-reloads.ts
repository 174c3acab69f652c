import type { Reloaded } from './config/reload.ts';
import type { Observer } from './transport/observation.ts';

/** Reports how each reload has ended. */
export const reportReloads =
  <Options>(observer: Observer, reload: (options: Options) => Promise<Reloaded>) =>
  async (options: Options): Promise<Reloaded> => {
    let isApplied = false;
    try {
      const reloaded = await reload(options);
      isApplied = true;
      return reloaded;
    } finally {
      observer.observe({ type: 'reload.ended', isApplied });
    }
  };
