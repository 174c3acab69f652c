/** `pyrycode-relay healthcheck`: asks a running relay whether it is well, where there is no curl. */
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { ConfigError } from '../config/config-error.ts';
import { loadCommand } from '../config/load-command.ts';
import { type Config, settings } from '../config/settings.ts';
import { visibleText } from '../protocol/visible-text.ts';
import { formatAddress } from '../transport/listening.ts';
import { describeError } from '../transport/observation.ts';

const DEFAULT_URL = `http://${settings.metricsListen.fallbackText}/livez`;

export const HEALTHCHECK_HELP = `Usage: pyrycode-relay healthcheck [URL | flags of the relay]

Asks URL, and expects status 200 within 5 s: for the health check of a container without curl.

  URL      /livez where the relay's own flags, variables and --config file put its metrics, ${DEFAULT_URL}
           by default; /readyz there says whether it takes new connections, and /healthz of the
           public listener needs no metrics
  --help   print this

Exit: 0 when it is well, 1 with the reason when it is not or does not answer, 2 when the command line is wrong.
`;

const PATIENCE_MS = 5_000;
const MAX_REASON_BYTES = 4_096;

/** Where the relay that is started with these flags, and this environment, says that it lives. */
const urlOf = ({ metricsListen }: Config): string => {
  if (metricsListen === null)
    throw new ConfigError('there is no metrics listener to ask: give the URL of /healthz');
  return `http://${formatAddress(metricsListen)}/livez`;
};

const readUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new ConfigError(`healthcheck takes an http:// or https:// URL, such as ${DEFAULT_URL}`);
  return url;
};

/** The first line of the body: whatever it is, it is one line on a terminal. */
const reasonOf = async (response: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of response) {
    body += String(chunk);
    if (body.length > MAX_REASON_BYTES) break;
  }
  return visibleText(body.slice(0, MAX_REASON_BYTES).trim().split('\n')[0] ?? '');
};

/** @returns why it is not well; undefined if it is */
const ask = async (url: URL): Promise<string | undefined> => {
  const get = url.protocol === 'https:' ? httpsGet : httpGet;
  // One deadline for all of it: a byte now and then does not extend it.
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(url, { signal, agent: false }, resolve).on('error', reject);
    });
    if (response.statusCode === 200) {
      response.destroy();
      return undefined;
    }
    const reason = await reasonOf(response);
    return `status ${response.statusCode}${reason === '' ? '' : `: ${reason}`}`;
  } catch (error) {
    return signal.aborted ? `no answer in ${PATIENCE_MS / 1_000} s` : visibleText(describeError(error));
  }
};

/** @returns the exit code */
export const healthcheck = async (args: readonly string[]): Promise<number> => {
  const [given, ...more] = args;
  const isUrl = given !== undefined && !given.startsWith('-');
  if (isUrl && more.length > 0) throw new ConfigError('healthcheck takes one URL; see help healthcheck');
  const command = await loadCommand(isUrl ? [] : args, process.env);
  if (command.kind !== 'run') {
    process.stdout.write(HEALTHCHECK_HELP);
    return 0;
  }
  const url = readUrl(isUrl ? given : urlOf(command.config));
  const fault = await ask(url);
  if (fault === undefined) return 0;
  process.stderr.write(`pyrycode-relay: ${url.origin}${url.pathname}: ${fault}\n`);
  return 1;
};
