/** Settings of TLS. */
import type { ListenAddress } from '../transport/listening.ts';
import { isHost, optionalAddress } from './checks.ts';
import { readAddress } from './quantities.ts';
import type { Named, Setting } from './setting-kinds.ts';

/** Null unless it is given. */
const file = (named: Named): Setting<string | null> => ({
  ...named,
  takes: 'the path of a file',
  placeholder: 'FILE',
  read: (text) => text,
  check: (value) => {
    if (value === null) return null;
    return typeof value === 'string' && value !== '' && !value.includes('\0') ? value : undefined;
  },
  fallback: null,
  fallbackText: '',
});

export const tlsSettings = {
  httpsListen: {
    flag: 'https-listen',
    summary: 'serve wss:// here; :443 with a certificate',
    takes: 'host:port with a port from 0 to 65535, such as :443, 203.0.113.7:443 or [::1]:8443',
    placeholder: 'HOST:PORT',
    read: readAddress,
    check: optionalAddress(isHost),
    fallback: null,
    fallbackText: '',
  } satisfies Setting<ListenAddress | null>,
  tlsCert: file({ flag: 'tls-cert', summary: 'certificate and its issuers in PEM; re-read when changed' }),
  tlsKey: file({ flag: 'tls-key', summary: 'its private key in PEM, without a password' }),
} as const;
