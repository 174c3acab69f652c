/** What a program that embeds the relay can set. */
import { checkOptionCombinations } from './config/flag-combinations.ts';
import { completeConfig } from './config/read-config.ts';
import type { Config, ConfigOptions } from './config/settings.ts';
import type { LogSink } from './observe/log-line.ts';
import type { PushProvider } from './push/provider.ts';

/**
 * The settings of docs/configuration.md, in milliseconds and bytes. Absent and undefined options have their defaults.
 * Only requested listeners are opened: without `metricsListen` there is no metrics listener.
 */
export interface RelayOptions extends Omit<ConfigOptions, 'logLevel' | 'logFormat' | 'configFile'> {
  /** A pino logger, or any object with its three methods. Without one, nothing is logged. */
  readonly log?: LogSink | undefined;
  /** Serve without metrics, and say so, if their address cannot be bound. Without this, the start fails. */
  readonly metricsMayFail?: boolean | undefined;
  /** Returns the number of log lines lost so far, for the metrics. */
  readonly droppedLogLines?: (() => number) | undefined;
  /** Returns the number of reloads so far that could not be asked for, as their settings were not readable; for the metrics. */
  readonly unreadReloads?: (() => number) | undefined;
  /** Sends the wakes of phones that are away, in place of the FCM that the settings name. */
  readonly pushProvider?: PushProvider | undefined;
  /** Called if a listener fails after it has started. */
  readonly onListenerFailed?: ((error: Error) => void) | undefined;
}

/** @throws ConfigError if an option is out of range, or two do not go together */
export const configOf = (options: RelayOptions): Config => {
  const {
    log: _log,
    metricsMayFail: _mayFail,
    droppedLogLines: _dropped,
    unreadReloads: _unread,
    onListenerFailed: _failed,
    pushProvider: _provider,
    ...settings
  } = options;
  const config = completeConfig({ ...settings, metricsListen: settings.metricsListen ?? null });
  checkOptionCombinations(config);
  return config;
};
