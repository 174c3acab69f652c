/** Where TLS is served, and what that needs. */
import type { ListenAddress } from '../transport/listening.ts';
import { ConfigError } from './config-error.ts';
import type { Config } from './settings.ts';

type TlsConfig = Pick<Config, 'httpsListen' | 'tlsCert' | 'tlsKey' | 'insecureListen'>;

const HTTPS_PORT = 443;

/** Where `wss://` is served; null if it is not. */
export const httpsAddress = ({
  httpsListen,
  tlsCert,
}: Pick<TlsConfig, 'httpsListen' | 'tlsCert'>): ListenAddress | null =>
  httpsListen ?? (tlsCert === null ? null : { host: '', port: HTTPS_PORT });

/**
 * For embedding programs: the daemon checks what was given on its command line before (`boot/flag-combinations.ts`).
 * @throws ConfigError naming both flags
 */
export const checkTls = ({ httpsListen, tlsCert, tlsKey, insecureListen }: TlsConfig): void => {
  if ((tlsCert === null) !== (tlsKey === null))
    throw new ConfigError('--tls-cert and --tls-key need each other: a certificate serves with its key');
  if (httpsListen !== null && tlsCert === null)
    throw new ConfigError('--https-listen needs --tls-cert: TLS needs a certificate');
  if (tlsCert !== null && insecureListen !== null)
    throw new ConfigError('--insecure-listen does not go with --tls-cert: it serves plain ws:// only');
};
