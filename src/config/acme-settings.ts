/** Settings of certificates from an ACME server. */
import type { ListenAddress } from '../transport/listening.ts';
import { isHost, optionalAddress } from './checks.ts';
import { asDomainName, checkDomains, MAX_DOMAINS } from './domain-names.ts';
import { readAddress } from './quantities.ts';
import type { Setting } from './setting-kinds.ts';

const DEFAULT_CERT_CACHE = '~/.pyrycode-relay/certs';
const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory';
const MAX_TEXT_LENGTH = 2_048;

/** Keys and nonces go there, so only over HTTPS. */
const checkDirectory = (value: unknown): string | undefined => {
  if (typeof value !== 'string' || value.length > MAX_TEXT_LENGTH || !URL.canParse(value)) return undefined;
  const { protocol, username, password, hash } = new URL(value);
  return protocol === 'https:' && `${username}${password}${hash}` === '' ? value : undefined;
};

/** It becomes a `mailto:` URL, in which `?` and `%` have a meaning. */
const checkEmail = (value: unknown): string | null | undefined => {
  if (value === null) return null;
  if (typeof value !== 'string') return undefined;
  const [user = '', host = '', ...others] = value.split('@');
  const isAddress = /^[\w.!#$&'*+/=^`{|}~-]{1,64}$/.test(user) && asDomainName(host) !== undefined;
  return isAddress && others.length === 0 ? value : undefined;
};

export const acmeSettings = {
  domains: {
    flag: 'domain',
    summary: 'names to get an ACME certificate for, accepting the terms',
    takes: `1 to ${MAX_DOMAINS} names separated by commas, such as relay.example.com; no addresses and no wildcards`,
    placeholder: 'NAME[,NAME]',
    read: (text: string) => text.split(',').map((name) => name.trim()),
    check: checkDomains,
    fallback: null,
    fallbackText: '',
  } satisfies Setting<readonly string[] | null>,
  httpListen: {
    flag: 'http-listen',
    summary: 'answer ACME challenges here, for port 80; :80 with --domain',
    takes: 'host:port with a port from 0 to 65535, such as :80 or 203.0.113.7:8080',
    placeholder: 'HOST:PORT',
    read: readAddress,
    check: optionalAddress(isHost),
    fallback: null,
    fallbackText: '',
  } satisfies Setting<ListenAddress | null>,
  certCache: {
    flag: 'cert-cache',
    summary: 'keep certificates and keys here',
    takes: 'the path of a folder that only its owner can read; it is created',
    placeholder: 'DIR',
    read: (text: string) => text,
    check: (value: unknown) =>
      typeof value === 'string' && value !== '' && !value.includes('\0') ? value : undefined,
    fallback: DEFAULT_CERT_CACHE,
    fallbackText: DEFAULT_CERT_CACHE,
  } satisfies Setting<string>,
  acmeDirectory: {
    flag: 'acme-directory',
    summary: 'ACME server',
    takes: `the https:// URL of an ACME directory, such as ${LETS_ENCRYPT}`,
    placeholder: 'URL',
    read: (text: string) => text,
    check: checkDirectory,
    fallback: LETS_ENCRYPT,
    fallbackText: LETS_ENCRYPT,
  } satisfies Setting<string>,
  acmeEmail: {
    flag: 'acme-email',
    summary: 'address for warnings of the ACME server',
    takes: 'an e-mail address',
    placeholder: 'ADDRESS',
    read: (text: string) => text,
    check: checkEmail,
    fallback: null,
    fallbackText: '',
  } satisfies Setting<string | null>,
} as const;
