/** Says in the log how many connections there may be, and who is believed: at start all of it, then what a reload has made new. */
import { type DerivedCap, exceedsDescriptors, type Machine } from './admission/default-connections.ts';
import { TrustedProxies } from './admission/trusted-proxies.ts';
import { type Config, settings } from './config/settings.ts';
import { type LogSink, write } from './observe/log-line.ts';

/** Why peers can choose the address that they are logged and limited by, one text for each setting that lets them. */
const forgeries = (config: Config): string[] => {
  const { trustXForwardedFor, trustedProxies, proxyProtocol, httpsProxyProtocol } = config;
  const flag = (name: keyof Config): string => `--${settings[name].flag}`;
  const believesPeers = (name: keyof Config): string =>
    `${flag(name)} without ${flag('trustedProxies')} believes the PROXY header of any peer`;
  const isAnyone = trustedProxies.length === 0;
  return [
    ...(TrustedProxies.of(trustedProxies)?.includesAnyone === true
      ? [`${flag('trustedProxies')} has a network of length 0, so it believes anyone`]
      : []),
    ...(trustXForwardedFor ? [`${flag('trustXForwardedFor')} believes anyone`] : []),
    ...(isAnyone && proxyProtocol ? [believesPeers('proxyProtocol')] : []),
    ...(isAnyone && httpsProxyProtocol ? [believesPeers('httpsProxyProtocol')] : []),
  ];
};

export class Announcements {
  #log: LogSink | undefined;
  #cap: DerivedCap | undefined;
  #forgeries: readonly string[] = [];
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  start(log: LogSink, config: Config, cap: DerivedCap): void {
    this.#log = log;
    this.say(config, cap);
  }

  say(config: Config, cap: DerivedCap): void {
    if (this.#log === undefined) return;
    const { maxConnections, reason } = cap;
    if (maxConnections !== this.#cap?.maxConnections || reason !== this.#cap.reason) {
      write(this.#log, 'connection limit', { max_connections: maxConnections, reason });
      if (exceedsDescriptors(maxConnections, this.#machine)) {
        const err = `${reason} ${maxConnections}, but the process may open ${this.#machine.descriptors} files: raise LimitNOFILE, ulimit -n`;
        write(this.#log, 'connections exceed descriptors', { err });
      }
    }
    const known = this.#forgeries;
    this.#cap = cap;
    this.#forgeries = forgeries(config);
    for (const err of this.#forgeries)
      if (!known.includes(err)) write(this.#log, 'addresses can be forged', { err });
  }
}
