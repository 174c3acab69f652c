/** Joins charts, sockets, logs and metrics to a relay that runs. */
import { toPromise } from 'xstate';
import { bindListeners } from './bind-listeners.ts';
import { createReload, type Reloaded } from './config/reload.ts';
import type { Reloadable } from './config/reloadable.ts';
import { type Config, settings } from './config/settings.ts';
import { createRoot } from './create-root.ts';
import { openEntrance } from './entrance.ts';
import { openHub, openInspecting } from './inspecting.ts';
import { DIRECTORY, type DirectoryRef, PUSH } from './machines/relay-machine.ts';
import { byteRate, reloadableMemory, startMemoryGuard, totalBacklogBytes } from './memory.ts';
import { openMetering } from './metering.ts';
import { Census } from './observe/census.ts';
import { fanOut } from './observe/fan-out.ts';
import { healthBody } from './observe/health.ts';
import { write } from './observe/log-line.ts';
import { RelayLog } from './observe/relay-log.ts';
import { OpenListeners } from './open-listeners.ts';
import { openPush } from './push.ts';
import type { Started } from './relay-interface.ts';
import { configOf, type RelayOptions } from './relay-options.ts';
import { reportReloads } from './report-reloads.ts';
import { NO_TLS, openTls } from './tls.ts';
import { createBacklog } from './transport/backlog-shedder.ts';
import { ByteThrottle } from './transport/byte-throttle.ts';
import { ChartTimers } from './transport/chart-timers.ts';
import type { ConnectionAdapter } from './transport/connection-adapter.ts';
import type { DataPlane } from './transport/data-plane.ts';
import { attachDirectoryEffects } from './transport/directory-effects.ts';
import { EndSlices } from './transport/end-slices.ts';
import { describeError, type Observer } from './transport/observation.ts';
import type { PushRef } from './transport/push-wakes.ts';
import { startStallSweep } from './transport/stall-sweep.ts';
import { Traffic } from './transport/traffic.ts';
import { Turn } from './transport/turn.ts';
import { VERSION } from './version.ts';

/** A started relay, and the function that ends it. */
export interface Running {
  readonly started: Started;
  readonly reload: (next: RelayOptions) => Promise<Reloaded>;
  readonly end: () => Promise<void>;
}

/** Opens the listeners last. @throws as `Relay.start` says; nothing is left running then */
export const runRelay = async (config: Config, options: RelayOptions): Promise<Running> => {
  const {
    droppedLogLines = () => 0,
    unreadReloads = () => 0,
    onListenerFailed,
    metricsMayFail = false,
  } = options;
  const startedAtMs = performance.now();
  let tls = NO_TLS;
  let hasStarted = false;
  const census = new Census();
  const adapters = new Map<string, ConnectionAdapter>();
  const { entrance, unfinished, use, announce, reloadable } = await openEntrance(config, {
    adapters,
    observe: (observation) => observer.observe(observation),
    conditions: [() => memory.memoryLimit()],
  });
  const push = await openPush(config, options.pushProvider);
  // Loaded only when they are asked for: nobody else pays for them, at start or later.
  const metering = await openMetering(config, {
    census,
    logLosses: {
      dropped: droppedLogLines,
      refusalsWithheld: () => lines.refusalsWithheld,
      leftOut: () => lines.leftOut,
    },
    held: adapters,
    certificateExpiresAtMs: () => tls.certificates?.current()?.expiresAtMs,
    use,
    root: () => root,
    plane: () => plane,
    guard: () => memory,
    push: () => wakes,
    hasStarted: () => hasStarted,
    unreadReloads,
  });
  const inspecting = await openInspecting(config);
  /** The log itself may be broken, so the fault is only counted. */
  const watcherFailed = (): void =>
    metering?.metrics.observe({ type: 'effect.failed', err: 'a watcher threw' });
  const lines = new RelayLog(options.log, watcherFailed);
  const log = lines.sink;
  const faultFound = (error: unknown): void =>
    observer.observe({ type: 'effect.failed', err: describeError(error) });
  const timers = new ChartTimers(faultFound);
  const root = createRoot(config, push.isOn, timers, inspecting.serverLogic);
  const ended = toPromise(root);
  root.start();
  // The relay chart invokes the directory under this name while it runs.
  const directory = root.system.get(DIRECTORY) as DirectoryRef;
  const watched = { relay: root, directory, counts: census, timers };
  const inspect = inspecting.attach(watched);
  const hub = config.statelyInspect && (await openHub(config.statelyInspect, watched, log));

  const observer: Observer = {
    ...fanOut(
      [lines, ...(metering?.watchers ?? []), inspect].filter((watcher) => watcher !== undefined),
      watcherFailed,
    ),
    serverCreated: (ref) => census.track(ref),
  };
  // As the directory.
  const { wakes, reloadable: reloadablePush } = push.attach(root.system.get(PUSH) as PushRef, observer);
  root.on('push.failed', ({ error }) => {
    faultFound(error);
    wakes.abandon();
  });
  const turn = new Turn(faultFound);
  const plane: DataPlane = {
    directory,
    adapters,
    observer,
    turn,
    ends: new EndSlices(faultFound),
    phoneBacklogBytes: config.phoneBacklogBytes,
    backlog: createBacklog(totalBacklogBytes(config), turn, observer),
    throttle: new ByteThrottle(byteRate(config)),
    traffic: new Traffic(observer),
    wakes,
  };
  attachDirectoryEffects(plane);
  const memory = startMemoryGuard(plane, config);

  /** Each room adds its own. */
  const reloadables: Reloadable[] = [reloadable, reloadablePush];
  const listeners = new OpenListeners({
    log,
    observer,
    onFailed: (error) => onListenerFailed?.(error),
    watcherFailed,
  });

  let endSweep = (): void => {};
  /** @param type `drain.now` for a relay that has not started, so that nobody is connected */
  const end = async (type: 'drain' | 'drain.now'): Promise<void> => {
    const cutAt = ended.then(() => {
      const left = plane.adapters.size;
      if (left > 0) write(log, 'drain incomplete', { err: `${left} connections cut at the deadline` });
      endSweep();
      memory.end();
      tls.end();
      lines.end();
      inspect?.end();
      hub?.end();
      metering?.end();
    });
    const closed = new Promise<void>((resolve) => {
      root.on('accepting.ended', () => resolve(listeners.stop(cutAt)));
    });
    root.send({ type });
    await cutAt;
    await closed;
  };

  try {
    tls = await openTls(config, observer, unfinished);
    reloadables.push(...tls.reloadables, reloadableMemory(plane, memory, config));
    const started = await bindListeners(listeners, plane, config, {
      log,
      tls,
      metering,
      metricsMayFail,
      inspect,
      health: () => healthBody(census, VERSION, performance.now() - startedAtMs),
      entrance,
      unfinished,
      memory,
    });
    announce(log);
    if (!push.isOn)
      write(log, 'push off', {
        reason: `neither --${settings.fcmCredentials.flag} nor its variable is set`,
      });
    tls.start();
    hub?.start();
    endSweep = startStallSweep(plane, config);
    const apply = createReload(config, reloadables);
    const reload = reportReloads(observer, async (next: RelayOptions) => await apply(configOf(next)));
    hasStarted = true;
    return { started, reload, end: () => end('drain') };
  } catch (error) {
    await end('drain.now');
    throw error;
  }
};
