/** How to start the relay: one of these is needed. */
import { settingsByFlag } from './flags.ts';

export const waysToListen = [
  {
    flag: 'domain',
    example: '--domain relay.example.org',
    summary: "wss:// with a certificate from Let's Encrypt",
  },
  {
    flag: 'tls-cert',
    example: '--tls-cert FILE --tls-key FILE',
    summary: 'wss:// with a certificate of your own',
  },
  {
    flag: 'insecure-listen',
    example: '--insecure-listen 127.0.0.1:8080',
    summary: 'plain ws://; put TLS in front of it',
  },
] as const;

/** Those whose flags there are. */
export const offeredWays = waysToListen.filter(({ flag }) => settingsByFlag.has(flag));
