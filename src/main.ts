#!/usr/bin/env node
/** The executable: reads the configuration, runs the relay until a signal, and exits with a code for the outcome. */
import type { AddressInfo } from 'node:net';
import { helpText } from './config/help.ts';
import { ConfigError, readCommand } from './config/read-config.ts';
import type { Config } from './config/settings.ts';
import { write } from './observe/log.ts';
import { createStdoutLog } from './observe/stdout-log.ts';
import { createRelay } from './relay.ts';
import { tuneRuntime } from './runtime.ts';
import { formatAddress } from './transport/listening.ts';
import { VERSION } from './version.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_CONFIG = 2;

const run = async (config: Config): Promise<void> => {
  tuneRuntime();
  const { logLevel, ...settings } = config;
  const log = createStdoutLog(logLevel);
  const exit = async (code: number): Promise<never> => {
    await log.end();
    process.exit(code);
  };
  let isDraining = false;
  const drain = async (code: number): Promise<never> => {
    isDraining = true;
    await relay.stop();
    write(log.sink, 'shutdown complete', {});
    return await exit(code);
  };
  const relay = createRelay({
    ...settings,
    log: log.sink,
    droppedLogLines: log.droppedLines,
    onListenerFailed: () => void drain(EXIT_FAILED),
  });

  const onSignal = (): void => {
    if (isDraining) {
      log.abandon();
      process.exit(EXIT_FAILED);
    }
    write(log.sink, 'shutdown signal received; draining', {});
    void drain(EXIT_OK);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);

  // The relay has already logged which listener failed and why.
  const started = await relay.start().catch(async () => await exit(EXIT_FAILED));
  const { address, metricsAddress, inspectAddress } = started;
  const listen = formatAddress({ host: address.address, port: address.port });
  write(log.sink, 'starting', { version: VERSION, mode: 'insecure', listen });
  const format = ({ address: host, port }: AddressInfo): string => formatAddress({ host, port });
  if (metricsAddress !== null)
    write(log.sink, 'starting metrics listener', { listen: format(metricsAddress) });
  if (inspectAddress !== null)
    write(log.sink, 'starting inspect listener', { listen: format(inspectAddress) });
};

/** Commands other than the daemon, loaded on demand. Each resolves to its exit code. */
const COMMANDS: ReadonlyMap<string | undefined, (args: readonly string[]) => Promise<number>> = new Map([
  [
    'conformance',
    async (args) => await (await import('./conformance/conformance-command.ts')).conformance(args),
  ],
  ['record', async (args) => await (await import('./inspect/record-command.ts')).record(args)],
  ['replay', async (args) => await (await import('./inspect/replay-command.ts')).replay(args)],
  ['paths', async (args) => (await import('./conformance/paths-command.ts')).paths(args)],
]);

/** `| head` closes the pipe when it has read enough. */
const ignoreClosedPipe = (error: Error): void => {
  if (!('code' in error) || error.code !== 'EPIPE') throw error;
};

const main = async (args: readonly string[]): Promise<void> => {
  const command = COMMANDS.get(args[0]);
  if (command !== undefined) {
    process.stdout.on('error', ignoreClosedPipe);
    process.exitCode = await command(args.slice(1));
    return;
  }
  const asked = readCommand(args, process.env);
  if (asked.kind === 'help') process.stdout.write(helpText());
  else if (asked.kind === 'version') process.stdout.write(`${VERSION}\n`);
  else await run(asked.config);
};

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`pyrycode-relay: ${error.message}\n`);
  process.exitCode = EXIT_CONFIG;
}
