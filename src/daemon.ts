/** The daemon: runs the relay until a signal. It ends the process itself, because connections may outlive the drain. */
import type { AddressInfo } from 'node:net';
import type { Command } from './config/read-config.ts';
import { write } from './observe/log.ts';
import { createStdoutLog, READER_PATIENCE_MS } from './observe/stdout-log.ts';
import { createRelay } from './relay.ts';
import { tuneRuntime } from './runtime.ts';
import { onSignal } from './signals.ts';
import { formatAddress } from './transport/listening.ts';
import { VERSION } from './version.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;

/**
 * Some shells and process managers pass on a Ctrl-C that the terminal has sent to the daemon as well: a signal that follows the
 * first one so soon is the same request.
 */
const SAME_REQUEST_MS = 1_000;

type RunCommand = Command & { readonly kind: 'run' };

const format = ({ address: host, port }: AddressInfo): string => formatAddress({ host, port });

/** @throws the error for which the relay could not start */
export const runDaemon = async ({ config, isMetricsDefault }: RunCommand): Promise<void> => {
  tuneRuntime();
  const { logLevel, ...settings } = config;
  const log = createStdoutLog(logLevel);
  let draining: Promise<never> | undefined;
  const drain = async (code: number): Promise<never> => {
    const endsAtMs = performance.now() + config.drainDeadlineMs;
    await relay.stop();
    // The log has what the drain has left of its time.
    const leftMs = Math.max(endsAtMs - performance.now(), READER_PATIENCE_MS);
    await log.end(leftMs, () => write(log.sink, 'shutdown complete', {}));
    process.exit(code);
  };
  const force = async (): Promise<never> => {
    await log.end(0, () => write(log.sink, 'shutdown forced', { err: 'a second signal' }));
    process.exit(EXIT_FAILED);
  };
  const relay = createRelay({
    ...settings,
    metricsMayFail: isMetricsDefault,
    log: log.sink,
    droppedLogLines: log.droppedLines,
    onListenerFailed: () => void (draining ??= drain(EXIT_FAILED)),
  });

  let askedAtMs: number | undefined;
  const stop = (): void => {
    const nowMs = performance.now();
    if (askedAtMs !== undefined) {
      if (nowMs - askedAtMs < SAME_REQUEST_MS) return;
      void force();
      return;
    }
    askedAtMs = nowMs;
    write(log.sink, 'shutdown signal received; draining', {});
    draining ??= drain(EXIT_OK);
  };
  onSignal((signal) => {
    if (signal === 'SIGHUP') write(log.sink, 'SIGHUP ignored', { err: 'there is nothing to reload' });
    else stop();
  });
  // A signal has come while the program was loaded.
  if (draining !== undefined) return await draining;

  const started = await relay.start().catch(async (error: unknown) => {
    await log.end(READER_PATIENCE_MS);
    throw error;
  });
  const { address, metricsAddress, inspectAddress } = started;
  write(log.sink, 'starting', { version: VERSION, mode: 'insecure', listen: format(address) });
  if (metricsAddress !== null)
    write(log.sink, 'starting metrics listener', { listen: format(metricsAddress) });
  if (inspectAddress !== null)
    write(log.sink, 'starting inspect listener', { listen: format(inspectAddress) });
  write(log.sink, 'listening', { listen: format(address) });
};
