/** Where TLS is served. */
import type { ListenAddress } from '../transport/listening.ts';
import type { Config } from './settings.ts';

const HTTPS_PORT = 443;

/** Where `wss://` is served; null if it is not. */
export const httpsAddress = ({
  httpsListen,
  tlsCert,
  domains,
}: Pick<Config, 'httpsListen' | 'tlsCert' | 'domains'>): ListenAddress | null =>
  httpsListen ?? (tlsCert === null && domains === null ? null : { host: '', port: HTTPS_PORT });
