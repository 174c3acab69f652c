/** The daemon: runs the relay until a signal. It ends the process itself, because connections may outlive the drain. */
import type { AddressInfo } from 'node:net';
import { ConfigError, type RunCommand } from './config/read-config.ts';
import { settings } from './config/settings.ts';
import { httpsAddress } from './config/tls-rules.ts';
import { write } from './observe/log-line.ts';
import { createStdoutLog, READER_PATIENCE_MS } from './observe/stdout-log.ts';
import { createRelay } from './relay.ts';
import { ReloadRequests } from './reload-requests.ts';
import { tuneRuntime } from './runtime.ts';
import { onSignal } from './signals.ts';
import { nameSetting } from './start-error.ts';
import { Systemd } from './systemd.ts';
import { formatAddress } from './transport/listening.ts';
import { describeError } from './transport/observation.ts';
import { VERSION } from './version.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;

/**
 * Some shells and process managers pass on a Ctrl-C that the terminal has sent to the daemon as well: a signal that follows the
 * first one so soon is the same request.
 */
const SAME_REQUEST_MS = 1_000;

const format = ({ address: host, port }: AddressInfo): string => formatAddress({ host, port });

const listed = (texts: readonly string[]): string => (texts.length === 0 ? 'nothing' : texts.join('; '));

/**
 * @param command with what production would refuse, and what is set and not used
 * @param readAgain reads the command line, the environment and the files that they name once more
 * @throws the error for which the relay could not start
 */
export const runDaemon = async (
  command: RunCommand & { readonly warnings: readonly string[]; readonly ignored: readonly string[] },
  readAgain: () => Promise<RunCommand>,
): Promise<void> => {
  tuneRuntime();
  const { config, given, warnings, ignored } = command;
  const { logLevel: firstLevel, logFormat: firstFormat, ...options } = config;
  const log = createStdoutLog(firstLevel, firstFormat);
  let logLevel = firstLevel;
  let logFormat = firstFormat;
  const systemd = Systemd.of(process.env, (err) => write(log.sink, 'systemd not told', { err }));
  let unreadReloads = 0;
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
    ...options,
    // The default address is welcome, but nobody waits for it.
    metricsMayFail: !given.has(settings.metricsListen.flag),
    log: log.sink,
    droppedLogLines: log.droppedLines,
    unreadReloads: () => unreadReloads,
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
    systemd?.stopping(config.drainDeadlineMs);
    draining ??= drain(EXIT_OK);
  };
  /** Never throws: a broken file must not end a relay that serves. */
  const reload = async (): Promise<void> => {
    try {
      if (draining !== undefined) throw new ConfigError('the relay is shutting down');
      const again = await readAgain().catch((error: unknown) => {
        unreadReloads++;
        throw error;
      });
      const { logLevel: level, logFormat: nextFormat, ...next } = again.config;
      const { changed, needRestart } = await relay.reload(next).catch((error: unknown) => {
        throw nameSetting(error, again);
      });
      const logChanges = [
        ...(level === logLevel ? [] : [`--log-level is ${level}`]),
        ...(nextFormat === logFormat ? [] : [`--log-format is ${nextFormat}`]),
      ];
      log.setFormat(nextFormat);
      logFormat = nextFormat;
      const say = (): void =>
        write(log.sink, 'reloaded', {
          changed: listed([...changed, ...logChanges]),
          needs_restart: listed(needRestart),
        });
      // At the more talkative level of the two: who asks for fewer lines still sees that it was heard.
      if (level !== 'info') say();
      log.setLevel(level);
      if (level === 'info') say();
      logLevel = level;
    } catch (error) {
      write(log.sink, 'reload refused', {
        err: error instanceof ConfigError ? error.message : describeError(error),
      });
    }
  };
  const reloads = new ReloadRequests(reload);
  onSignal((signal) => {
    if (signal === 'SIGHUP') reloads.ask();
    else stop();
  });
  // A signal has come while the program was loaded.
  if (draining !== undefined) return await draining;

  const started = await relay.start().catch(async (error: unknown) => {
    await log.end(READER_PATIENCE_MS);
    throw nameSetting(error, command);
  });
  const { address, challengeAddress, metricsAddress, inspectAddress } = started;
  const mode = httpsAddress(config) === null ? 'insecure' : 'tls';
  write(log.sink, 'starting', { version: VERSION, mode, listen: format(address) });
  if (challengeAddress !== null)
    write(log.sink, 'starting challenge listener', { listen: format(challengeAddress) });
  if (metricsAddress !== null)
    write(log.sink, 'starting metrics listener', { listen: format(metricsAddress) });
  if (inspectAddress !== null)
    write(log.sink, 'starting inspect listener', { listen: format(inspectAddress) });
  if (warnings.length > 0) write(log.sink, 'more privileges than needed', { err: listed(warnings) });
  for (const err of ignored) write(log.sink, 'setting ignored', { err });
  write(log.sink, 'listening', { listen: format(address) });
  systemd?.ready(`listening on ${format(address)}`);
  reloads.begin();
};
