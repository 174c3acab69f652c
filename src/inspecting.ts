/** Joins what shows the charts while they run: the live page with its recorder, and Stately's inspector. Loaded only if asked for. */
import type { Config } from './config/settings.ts';
import type { DirectoryRef, RelayRef } from './machines/relay-machine.ts';
import type { Census } from './observe/census.ts';
import { type LogSink, write } from './observe/log-line.ts';
import type { ChartTimers } from './transport/chart-timers.ts';
import type { ListenAddress } from './transport/listening.ts';
import { VERSION } from './version.ts';

interface Watched {
  readonly relay: RelayRef;
  readonly directory: DirectoryRef;
  readonly counts: Census;
  readonly timers: ChartTimers;
}

/** The recorder comes before the actor system, and what shows it after. */
export const openInspecting = async (config: Config) => {
  const inspection = config.inspectListen === null ? undefined : await import('./inspect/inspection.ts');
  const recorder = inspection?.createRecorder(config);
  return {
    /** The server chart, recorded. */
    serverLogic: recorder?.logic,
    attach: (watched: Watched) =>
      recorder && inspection?.createInspection(recorder, { ...watched, version: VERSION, config }),
  };
};

export const openHub = async (address: ListenAddress, { relay, directory }: Watched, log: LogSink) => {
  const { StatelyHub } = await import('./inspect/stately-hub.ts');
  return new StatelyHub({
    relay,
    directory,
    address,
    onChange: (err) =>
      err === undefined
        ? write(log, 'Stately inspector connected', {})
        : write(log, 'Stately inspector absent', { err }),
  });
};
