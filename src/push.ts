/** Joins push to the settings and the observer. */
import type { Reloadable } from './config/reloadable.ts';
import { type Config, settings } from './config/settings.ts';
import type { PushProvider } from './push/provider.ts';
import { WakeGate } from './push/wake-gate.ts';
import type { Watcher } from './transport/observation.ts';
import { type PushRef, PushWakes } from './transport/push-wakes.ts';

export interface Push {
  readonly isOn: boolean;
  readonly attach: (
    chart: PushRef,
    observer: Watcher,
  ) => { readonly wakes: PushWakes; readonly reloadable: Reloadable };
}

/** @param given by a program that embeds the relay */
export const openPush = async (config: Config, given: PushProvider | undefined): Promise<Push> => {
  const provider = given;
  const gate = new WakeGate(config.pushPerSecond, () => performance.now());
  let { pushPerSecond } = config;
  return {
    isOn: provider !== undefined,
    attach: (chart, observer) => ({
      wakes: new PushWakes({ push: chart, gate, provider, observer }),
      reloadable: {
        prepare: async (next) => () => {
          if (next.pushPerSecond === pushPerSecond) return [];
          pushPerSecond = next.pushPerSecond;
          gate.changeCeiling(pushPerSecond);
          return [`--${settings.pushPerSecond.flag} is ${pushPerSecond}`];
        },
      },
    }),
  };
};
