/** Joins push to the settings and the observer. */
import { ConfigError } from './config/config-error.ts';
import type { Reloadable } from './config/reloadable.ts';
import { type Config, settings } from './config/settings.ts';
import type { OpenedFcm } from './fcm.ts';
import type { PushProvider } from './push/provider.ts';
import { readServiceUrl } from './push/service-url.ts';
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

/**
 * Undefined if none is set. Reads the key anew each time.
 * @throws ConfigError that quotes nothing of the key
 */
export const readFcm = async ({
  fcmCredentials,
  fcmProject,
  fcmEndpoint,
}: Config): Promise<OpenedFcm | undefined> => {
  if (fcmCredentials === null) return undefined;
  // Loaded on demand: most relays wake nobody.
  const { openFcm } = await import('./fcm.ts');
  return await openFcm({
    credentials: fcmCredentials,
    projectId: fcmProject,
    endpoint: (fcmEndpoint === null ? undefined : readServiceUrl(fcmEndpoint)) ?? null,
  });
};

const changeOf = (before: OpenedFcm | undefined, next: OpenedFcm | undefined): readonly string[] => {
  if (before?.print === next?.print) return [];
  if (next === undefined) return ['push is off'];
  return [before === undefined ? 'push is on' : 'the credentials of push, or where wakes are sent'];
};

/**
 * @param given by a program that embeds the relay
 * @throws ConfigError if the settings of push cannot be used
 */
export const openPush = async (config: Config, given: PushProvider | undefined): Promise<Push> => {
  if (given !== undefined && config.fcmCredentials !== null)
    throw new ConfigError('pushProvider does not go with fcmCredentials: only one of them sends wakes');
  let fcm = await readFcm(config);
  const gate = new WakeGate(config.pushPerSecond, () => performance.now());
  let { pushPerSecond } = config;
  const changeCeiling = (next: number): readonly string[] => {
    if (next === pushPerSecond) return [];
    pushPerSecond = next;
    gate.changeCeiling(next);
    return [`--${settings.pushPerSecond.flag} is ${next}`];
  };
  return {
    isOn: (given ?? fcm) !== undefined,
    attach: (chart, observer) => {
      const wakes = new PushWakes({ push: chart, gate, provider: given ?? fcm?.provider, observer });
      const prepare: Reloadable['prepare'] = async (next) => {
        const nextFcm = given === undefined ? await readFcm(next) : undefined;
        return () => {
          const changed = changeOf(fcm, nextFcm);
          // The one in use has a bearer token already.
          if (changed.length === 0) wakes.confirm();
          else {
            fcm = nextFcm;
            wakes.use(fcm?.provider);
          }
          return [...changed, ...changeCeiling(next.pushPerSecond)];
        };
      };
      return { wakes, reloadable: { prepare } };
    },
  };
};
