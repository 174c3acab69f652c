/** The relay as a library. No signal handlers, no globals. */
import type { Reloaded } from './config/reload.ts';
import type { Config } from './config/settings.ts';
import type { LogSink } from './observe/log-line.ts';
import type { PushProvider, Wake } from './push/provider.ts';
import type { Relay, Started } from './relay-interface.ts';
import { configOf, type RelayOptions } from './relay-options.ts';
import { type Running, runRelay } from './run-relay.ts';
import type { ListenAddress } from './transport/listening.ts';

export { ConfigError } from './config/read-config.ts';
export type { Config, ListenAddress, LogSink, PushProvider, Relay, RelayOptions, Reloaded, Started, Wake };

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
    starting = runRelay(config, options);
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
