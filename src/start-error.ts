/** Why the daemon could not start, or take new settings, in the terms of who has set them. */
import { SettingError } from './config/config-error.ts';
import type { RunCommand } from './config/read-config.ts';
import { type Config, settings } from './config/settings.ts';
import { httpsAddress } from './config/tls-rules.ts';
import { ListenError } from './listen-error.ts';
import type { ListenerName } from './transport/observation.ts';

const flagOf = (listener: ListenerName, config: Config): string => {
  const flags: Readonly<Record<ListenerName, string>> = {
    public: (httpsAddress(config) === null ? settings.insecureListen : settings.httpsListen).flag,
    acme: settings.httpListen.flag,
    metrics: settings.metricsListen.flag,
    inspect: settings.inspectListen.flag,
  };
  return flags[listener];
};

/** The error of the relay, with the name of the setting that it is about in front; or any other, as it is. */
export const nameSetting = (error: unknown, { config, given }: RunCommand): unknown => {
  if (error instanceof SettingError) return error.asGiven(given);
  if (error instanceof ListenError) {
    const flag = flagOf(error.listener, config);
    error.message = error.describe(given.get(flag) ?? `--${flag}`);
  }
  return error;
};
