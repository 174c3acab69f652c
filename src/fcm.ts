/** Joins Firebase Cloud Messaging to the settings. Loaded when push is on, and again by a reload. */
import { createHash } from 'node:crypto';
import { ConfigError, SettingError } from './config/config-error.ts';
import { readTextFile } from './config/text-file.ts';
import { type FcmCredentials, parseFcmCredentials } from './push/fcm-credentials.ts';
import type { PushProvider } from './push/provider.ts';
import { loadAssertionSigner, type SignAssertion } from './transport/fcm/assertion.ts';
import { MAX_FCM_CREDENTIALS_BYTES } from './transport/fcm/fcm-limits.ts';
import { createFcmProvider, FCM_ENDPOINT } from './transport/fcm/fcm-provider.ts';
import { PackageMissing } from './transport/optional-package.ts';

export interface FcmSettings {
  /** A file of `--fcm-credentials`, or the key itself, from the environment. */
  readonly credentials: { readonly file: string } | { readonly json: string };
  /** Null for the one in the credentials. */
  readonly projectId: string | null;
  /** Null for FCM itself. */
  readonly endpoint: URL | null;
}

export interface OpenedFcm {
  readonly provider: PushProvider;
  /** The same for the same key, project and endpoint. It tells nothing of them. */
  readonly print: string;
}

const ENVIRONMENT = 'PYRYCODE_RELAY_FCM_CREDENTIALS';

const unusable = (problem: string): SettingError => new SettingError(['fcm-credentials'], problem);

const loadSigner = async (): Promise<SignAssertion> =>
  await loadAssertionSigner().catch((error: unknown) => {
    if (!(error instanceof PackageMissing)) throw error;
    throw new ConfigError('push needs the optional package jose, which is not installed: npm install jose');
  });

const readText = async (source: FcmSettings['credentials']): Promise<string> =>
  'json' in source ? source.json : await readTextFile(source.file, MAX_FCM_CREDENTIALS_BYTES, unusable);

const readCredentials = (text: string, source: FcmSettings['credentials']): FcmCredentials => {
  const read = parseFcmCredentials(text);
  if ('credentials' in read) return read.credentials;
  throw 'json' in source
    ? new ConfigError(`${ENVIRONMENT}: ${read.err}`)
    : unusable(`${source.file}: ${read.err}`);
};

/** @throws ConfigError that quotes nothing of the credentials: they cannot be used, or the package is missing */
export const openFcm = async (settings: FcmSettings): Promise<OpenedFcm> => {
  const text = await readText(settings.credentials);
  const credentials = readCredentials(text, settings.credentials);
  const projectId = settings.projectId ?? credentials.projectId;
  if (projectId === null)
    throw new ConfigError('the FCM credentials have no "project_id": give --fcm-project');
  const signAssertion = await loadSigner();
  const endpoint = settings.endpoint ?? new URL(FCM_ENDPOINT);
  const provider = createFcmProvider({ credentials, projectId, endpoint, signAssertion });
  const print = createHash('sha256')
    .update(JSON.stringify([text, projectId, endpoint.href]))
    .digest('hex');
  return { provider, print };
};
