/** When certificates are ordered from an ACME server. */
import type { ListenAddress } from '../transport/listening.ts';
import type { Config } from './settings.ts';

const HTTP_PORT = 80;

/**
 * Where challenges are answered; null if no certificate is ordered: with a certificate of the operator's own, `--domain` says only which
 * names the relay answers to.
 */
export const challengeAddress = ({
  domains,
  tlsCert,
  httpListen,
}: Pick<Config, 'domains' | 'tlsCert' | 'httpListen'>): ListenAddress | null =>
  domains === null || tlsCert !== null ? null : (httpListen ?? { host: '', port: HTTP_PORT });
