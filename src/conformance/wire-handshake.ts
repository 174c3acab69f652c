/** The handshake of one peer of a target. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { WebSocket } from 'ws';
import { isLoopbackHost } from '../config/checks.ts';

export interface DialOptions {
  readonly base: string;
  readonly serverId: string;
  readonly role: 'binary' | 'phone';
  /** Total time for the dial, including retries while the target is busy (429, 503). */
  readonly patienceMs: number;
  /** PEM certificates to trust instead of those of Node. */
  readonly trusted?: readonly string[] | undefined;
  /** Called each time the target says that it is dialled too often (429), before the next attempt. */
  readonly onLimited?: (() => void) | undefined;
  /** False to take the first answer of a busy target as its last. */
  readonly retries?: boolean;
  /** What it calls itself: a binary's version, a phone's token, and the end of its User-Agent. */
  readonly name?: string;
  /** Of a binary, for a target that asks for tokens. */
  readonly relayToken?: string | undefined;
}

/** What helps then. */
export const LIMITED =
  'the target limits how often one address may dial (HTTP 429): start it with --rate-burst 0, or use --parallel 1 and a longer --patience';

export const UPGRADED = 101;
const PATHS = { binary: '/v1/server', phone: '/v1/client' } as const;
/** Four times the default of a relay: what is longer is none of the frames that it was sent. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

const headersOf = ({ role, serverId, name = 'conformance', relayToken }: DialOptions) => ({
  'X-Pyrycode-Server': serverId,
  ...(role === 'binary'
    ? { 'X-Pyrycode-Version': name, 'User-Agent': `pyry/${name}` }
    : { 'X-Pyrycode-Token': name, 'User-Agent': `phone/${name}` }),
  ...(role === 'binary' && relayToken !== undefined && { 'X-Pyrycode-Relay-Token': relayToken }),
});

/** The global agent may go through a proxy that the environment names. Nothing of this machine is behind it. */
const directAgent = (base: string): HttpAgent =>
  base.startsWith('wss:') ? new HttpsAgent() : new HttpAgent();

/** A socket that dials. Its events must be listened to before the next turn. */
export const newSocket = (options: DialOptions): WebSocket =>
  new WebSocket(`${options.base}${PATHS[options.role]}`, {
    headers: headersOf(options),
    // Pongs are sent explicitly: while a binary is probed, its answer is a step of the path.
    autoPong: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    ...(isLoopbackHost(new URL(options.base).hostname) && { agent: directAgent(options.base) }),
    ...(options.trusted !== undefined && { ca: [...options.trusted] }),
  });

/**
 * @returns 101, or the status that is the answer instead
 * @throws if there is none in time, or none that is HTTP
 */
export const upgraded = async (ws: WebSocket, timeoutMs: number): Promise<number> => {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      // The handshake timeout of ws begins anew with each byte of a slow answer.
      timer = setTimeout(() => {
        reject(new Error(`no answer to the handshake in ${Math.round(timeoutMs)} ms`));
        ws.terminate();
      }, timeoutMs);
      ws.once('open', () => resolve(UPGRADED));
      ws.once('error', reject);
      ws.once('unexpected-response', (_request, response) => {
        ws.removeAllListeners('error');
        ws.on('error', () => {});
        response.destroy();
        resolve(response.statusCode ?? 0);
      });
    });
  } finally {
    clearTimeout(timer);
  }
};
