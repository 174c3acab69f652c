/** Settings of push. */
import { isProjectId } from '../push/fcm-credentials.ts';
import { DEFAULT_PUSH_PER_SECOND, MAX_PUSH_PER_SECOND } from '../push/limits.ts';
import { readServiceUrl } from '../push/service-url.ts';
import { count, type Setting } from './setting-kinds.ts';

/** Where the key of a service account is: in a file, or in the variable itself, as the Go relay has it. */
export type CredentialsSource = { readonly file: string } | { readonly json: string };

const MAX_FILE_NAME_LENGTH = 1_024;
/** What keys have in them, as JSON, PEM, or base64 of JSON: somebody has given the key itself. A key in base64 is also too long. */
const isOfKey = (text: string): boolean =>
  /[\0\r\n{"]/.test(text) || text.includes('PRIVATE KEY') || /^e[wy][\w+/]{20}/.test(text.trimStart());

/** False for a key: the name is in errors and in what `print-config` writes. */
const isFileName = (text: string): boolean =>
  text !== '' && text.length <= MAX_FILE_NAME_LENGTH && !isOfKey(text);

const checkSource = (value: unknown): CredentialsSource | null | undefined => {
  if (value === null) return null;
  if (typeof value !== 'object') return undefined;
  if ('json' in value && typeof value.json === 'string') return { json: value.json };
  return 'file' in value && typeof value.file === 'string' && isFileName(value.file)
    ? { file: value.file }
    : undefined;
};

const optionalText =
  (isRight: (text: string) => boolean) =>
  (value: unknown): string | null | undefined => {
    if (value === null) return null;
    return typeof value === 'string' && isRight(value) ? value : undefined;
  };

export const pushSettings = {
  fcmCredentials: {
    flag: 'fcm-credentials',
    isLive: true,
    isSecret: true,
    summary: 'wake phones through FCM with this key; its variable has the JSON itself',
    takes: 'the name of a file with the key of a service account, as the Google Cloud console gives it',
    placeholder: 'FILE',
    read: (file: string) => ({ file }),
    readVariable: (json: string) => ({ json }),
    check: checkSource,
    fallback: null,
    fallbackText: '',
  } satisfies Setting<CredentialsSource | null>,
  fcmProject: {
    flag: 'fcm-project',
    isLive: true,
    summary: 'Firebase project, if not that of the key',
    takes: 'the id of a project, such as pyrycode-mobile',
    placeholder: 'ID',
    read: (text: string) => text,
    check: optionalText(isProjectId),
    fallback: null,
    fallbackText: '',
  } satisfies Setting<string | null>,
  fcmEndpoint: {
    flag: 'fcm-endpoint',
    isLive: true,
    summary: 'send wakes there instead of to FCM: for tests and proxies',
    takes: 'an https:// URL, or an http:// URL of this machine, such as http://127.0.0.1:8082',
    placeholder: 'URL',
    read: (text: string) => text,
    check: optionalText((text) => readServiceUrl(text) !== undefined),
    fallback: null,
    fallbackText: '',
  } satisfies Setting<string | null>,
  pushPerSecond: count(
    {
      flag: 'push-per-second',
      isLive: true,
      summary: 'wakes in all, further ones are dropped; 0 for no limit',
    },
    DEFAULT_PUSH_PER_SECOND,
    0,
    MAX_PUSH_PER_SECOND,
  ),
} as const;
