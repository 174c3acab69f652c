/** The relay as a library: connects charts, sockets, logs and metrics. No signal handlers, no globals. */
import type { AddressInfo } from 'node:net';
import { toPromise } from 'xstate';
import { createReload, type Reloaded } from './config/reload.ts';
import type { Reloadable } from './config/reloadable.ts';
import { type Config, settings } from './config/settings.ts';
import { httpsAddress } from './config/tls-rules.ts';
import { createRoot } from './create-root.ts';
import { openEntrance } from './entrance.ts';
import { DIRECTORY, type DirectoryRef, PUSH } from './machines/relay-machine.ts';
import { byteRate, reloadableMemory, startMemoryGuard, totalBacklogBytes } from './memory.ts';
import { openMetering } from './metering.ts';
import { Census } from './observe/census.ts';
import { fanOut, safeSink } from './observe/fan-out.ts';
import { healthBody } from './observe/health.ts';
import { LineShares } from './observe/line-shares.ts';
import { logObservation } from './observe/log.ts';
import { type LogSink, write } from './observe/log-line.ts';
import type { LogLosses } from './observe/log-losses.ts';
import { RefusalLines } from './observe/refusal-lines.ts';
import { OpenListeners } from './open-listeners.ts';
import { LOG_SWEEP_INTERVAL_MS } from './protocol/limits.ts';
import type { PushProvider, Wake } from './push/provider.ts';
import { openPush } from './push.ts';
import { configOf, type RelayOptions } from './relay-options.ts';
import { reportReloads } from './report-reloads.ts';
import { NO_TLS, openTls } from './tls.ts';
import { createBacklog } from './transport/backlog-shedder.ts';
import { ByteThrottle } from './transport/byte-throttle.ts';
import { ChartTimers } from './transport/chart-timers.ts';
import type { ConnectionAdapter } from './transport/connection-adapter.ts';
import { type DataPlane, listenerHooks } from './transport/data-plane.ts';
import { attachDirectoryEffects } from './transport/directory-effects.ts';
import { EndSlices } from './transport/end-slices.ts';
import type { ListenAddress } from './transport/listening.ts';
import { describeError, type Observer, type Watcher } from './transport/observation.ts';
import { createPublicListener } from './transport/public-listener.ts';
import type { PushRef } from './transport/push-wakes.ts';
import { startStallSweep } from './transport/stall-sweep.ts';
import { Traffic } from './transport/traffic.ts';
import { Turn } from './transport/turn.ts';
import { VERSION } from './version.ts';

export { ConfigError } from './config/read-config.ts';
export type { Config, ListenAddress, LogSink, PushProvider, RelayOptions, Reloaded, Wake };

export interface Started {
  /** Of the listener that phones and binaries dial. */
  readonly address: AddressInfo;
  /** Null unless certificates are ordered from an ACME server. */
  readonly challengeAddress: AddressInfo | null;
  /** Null when metrics are off. */
  readonly metricsAddress: AddressInfo | null;
  /** Null when the live page is off. */
  readonly inspectAddress: AddressInfo | null;
}

export interface Relay {
  /**
   * Opens the listeners.
   * @throws an error with the system's `code` if an address cannot be bound; all listeners are then closed
   * @throws Error if called twice or after `stop`; a running relay is not affected
   */
  start(): Promise<Started>;
  /**
   * Puts new settings in force, all that can change or none: as for `createRelay`, so an absent one gets its default. The log and the
   * functions among the options stay as they are. One reload runs at a time.
   * @throws ConfigError if a setting, or a file that it names, cannot be used; the old settings stay in force
   * @throws Error unless the relay has been started and not stopped
   */
  reload(options: RelayOptions): Promise<Reloaded>;
  /** Sends backlogs, closes all peers with 1001, and resolves when all have ended or the drain deadline has passed. */
  stop(): Promise<void>;
}

const SILENT: LogSink = { info: () => {}, warn: () => {}, error: () => {} };

const LOOPBACK: ListenAddress = { host: '127.0.0.1', port: 0 };

/** A started relay, and the function that ends it. */
interface Running {
  readonly started: Started;
  readonly reload: (next: RelayOptions) => Promise<Reloaded>;
  readonly end: () => Promise<void>;
}

const run = async (config: Config, options: RelayOptions): Promise<Running> => {
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
  const refusals = new RefusalLines(() => performance.now());
  const adapters = new Map<string, ConnectionAdapter>();
  const losses: LogLosses = {
    dropped: droppedLogLines,
    refusalsWithheld: () => refusals.withheldLines,
    leftOut: () => shares.leftOutLines,
  };
  const { entrance, unfinished, use, announce, reloadable } = await openEntrance(config, {
    adapters,
    observe: (observation) => observer.observe(observation),
    conditions: [() => memory.memoryLimit()],
  });
  const push = await openPush(config, options.pushProvider);
  // Loaded only when they are asked for: nobody else pays for them, at start or later.
  const metering = await openMetering(config, {
    census,
    logLosses: losses,
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
  const inspection = config.inspectListen === null ? undefined : await import('./inspect/inspection.ts');
  const recorder = inspection?.createRecorder(config);
  /** The log itself may be broken, so the fault is only counted. */
  const watcherFailed = (): void =>
    metering?.metrics.observe({ type: 'effect.failed', err: 'a watcher threw' });
  const log = safeSink(options.log ?? SILENT, watcherFailed);
  const shares = new LineShares(log, () => performance.now());
  const sweep = setInterval(() => shares.sweep(), LOG_SWEEP_INTERVAL_MS).unref();
  const faultFound = (error: unknown): void =>
    observer.observe({ type: 'effect.failed', err: describeError(error) });
  const timers = new ChartTimers(faultFound);
  const root = createRoot(config, push.isOn, timers, recorder?.logic);
  const ended = toPromise(root);
  root.start();
  // The relay chart invokes the directory under this name while it runs.
  const directory = root.system.get(DIRECTORY) as DirectoryRef;
  const inspect =
    recorder &&
    inspection?.createInspection(recorder, {
      relay: root,
      directory,
      counts: census,
      timers,
      version: VERSION,
      config,
    });

  const hub =
    config.statelyInspect &&
    new (await import('./inspect/stately-hub.ts')).StatelyHub({
      relay: root,
      directory,
      address: config.statelyInspect,
      onChange: (err) =>
        err === undefined
          ? write(log, 'Stately inspector connected', {})
          : write(log, 'Stately inspector absent', { err }),
    });

  const lines: Watcher = {
    observe: (observation) => {
      if (refusals.mayLog(observation)) logObservation(shares, observation);
    },
  };
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
      clearInterval(sweep);
      tls.end();
      shares.end();
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
    const metricsAddress =
      config.metricsListen && metering
        ? await listeners[metricsMayFail ? 'bindOptional' : 'bind'](
            'metrics',
            metering.createListener(listenerHooks(observer, 'metrics')),
            config.metricsListen,
          )
        : null;
    const inspectAddress =
      config.inspectListen && inspect
        ? await listeners.bind(
            'inspect',
            inspect.createListener(listenerHooks(observer, 'inspect')),
            config.inspectListen,
          )
        : null;
    if (inspect?.hasPage === false)
      write(log, 'inspect page missing', { err: 'its files are not beside the program' });
    const health = (): string => healthBody(census, VERSION, performance.now() - startedAtMs);
    const httpsListen = httpsAddress(config);
    const publicServer = createPublicListener(plane, {
      certificates: tls.certificates,
      hasProxyHeader: httpsListen === null ? config.proxyProtocol : config.httpsProxyProtocol,
      hosts: config.domains ?? undefined,
      maxFrameBytes: config.maxFrameBytes,
      health,
      entrance,
      unfinished,
      memory,
    });
    const address = await listeners.bind(
      'public',
      publicServer,
      httpsListen ?? config.insecureListen ?? LOOPBACK,
    );
    const challengeAddress =
      tls.challenges === undefined
        ? null
        : await listeners.bind('acme', tls.challenges.server, tls.challenges.address);
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
    return {
      started: { address, challengeAddress, metricsAddress, inspectAddress },
      reload,
      end: () => end('drain'),
    };
  } catch (error) {
    await end('drain.now');
    throw error;
  }
};

/**
 * Creates a relay that listens on `insecureListen`, or without it on a free loopback port.
 * @throws ConfigError if an option is out of range, or two do not go together
 */
export const createRelay = (options: RelayOptions = {}): Relay => {
  const config = configOf(options);
  let starting: Promise<Running> | undefined;
  let stopping: Promise<void> | undefined;
  const start = async (): Promise<Started> => {
    if (starting !== undefined || stopping !== undefined)
      throw new Error('a relay starts once, and not after stop');
    starting = run(config, options);
    return (await starting).started;
  };
  const reload = async (next: RelayOptions): Promise<Reloaded> => {
    const running = await starting;
    if (running === undefined || stopping !== undefined)
      throw new Error('a relay reloads after start, and not after stop');
    return await running.reload(next);
  };
  const stop = async (): Promise<void> => {
    // Wait for `start`: a listener that is still opening cannot be closed. If `start` fails, it closes its listeners itself.
    stopping ??= Promise.resolve(starting).then(
      (running) => running?.end(),
      () => {},
    );
    await stopping;
  };
  return { start, reload, stop };
};
