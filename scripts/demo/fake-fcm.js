/**
 * Firebase Cloud Messaging on loopback, token endpoint included, for the demo and the tests. It is as strict as the real one: an
 * assertion must be signed with the key of its service account, and a send must have a bearer token that was issued and is in force.
 */
import { createServer } from 'node:http';
import { findAssertionFault, makeKeys, makeServiceAccount } from './service-account.js';

/**
 * What to answer instead: a status with headers and a body, or a function that does as it likes with the response.
 * @typedef {{ status?: number, headers?: Readonly<Record<string, string>>, body?: unknown }} Reply
 * @typedef {(response: import('node:http').ServerResponse) => void} Behaviour
 * @typedef {Reply | Behaviour} Script
 */

/** Fails for a message that is not a wake and nothing more. @param {unknown} message @returns {string | undefined} the token */
const tokenOf = (message) => {
  const text = JSON.stringify(message);
  /** @type {{ message?: { token?: unknown } }} */
  const { message: { token } = {} } = JSON.parse(text);
  if (typeof token !== 'string' || token === '') return undefined;
  return text === JSON.stringify({ message: { token, android: { priority: 'HIGH' } } }) ? token : undefined;
};

/** @param {number} status @param {string} name @param {string} [errorCode] @returns {Reply} */
export const fcmError = (status, name, errorCode) => ({
  status,
  body: {
    error: {
      code: status,
      message: 'free text',
      status: name,
      ...(errorCode !== undefined && {
        details: [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }],
      }),
    },
  },
});

/** @param {import('node:http').IncomingMessage} request */
const readBody = async (request) => {
  /** @type {Buffer[]} */
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

/** @param {string} text @returns {unknown} */
const tryJson = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** @param {import('node:http').ServerResponse} response @param {Script} script */
const play = (response, script) => {
  if (typeof script === 'function') return script(response);
  const { status = 200, headers = {}, body = {} } = script;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};

export class FakeFcm {
  /** Why assertions were refused. @type {string[]} */
  faults = [];
  /** Tokens of the wakes that were taken. @type {string[]} */
  woken = [];
  /** Of all requests. @type {string[]} */
  paths = [];
  tokenRequests = 0;
  sendRequests = 0;
  /** Bearer tokens in force. @type {Set<string>} */
  bearers = new Set();
  /** Seconds that the next bearer tokens live, as they are told. @type {unknown} */
  expiresIn = 3_599;
  /** Each is used once, in this order, instead of the usual answer. @type {Script[]} */
  tokenScripts = [];
  /** @type {Script[]} */
  sendScripts = [];
  /** Is called with each request, once it is answered, or has been handed to a script. @type {(path: string) => void} */
  onRequest = () => {};
  projectId;
  #server = createServer((request, response) => void this.#answer(request, response));
  /** @type {import('./service-account.js').ServiceAccount | undefined} */
  #account;
  #url = '';

  /** @param {string} projectId */
  constructor(projectId) {
    this.projectId = projectId;
  }

  /** Where it listens: for `--fcm-endpoint`. */
  get url() {
    return this.#url;
  }

  /** The service account that it knows, as the file that is downloaded for it. */
  get credentials() {
    return this.account.json;
  }

  get account() {
    if (this.#account === undefined) throw new Error('it was not started');
    return this.#account;
  }

  /** @param {import('node:crypto').KeyPairKeyObjectResult} keys of the account */
  async start(keys) {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('it does not listen on TCP');
    this.#url = `http://127.0.0.1:${address.port}`;
    this.rotateKey(keys);
  }

  /** The key so far is known no more. */
  rotateKey(keys = makeKeys()) {
    this.#account = makeServiceAccount(this.projectId, `${this.#url}/token`, keys);
  }

  async stop() {
    const ended = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await ended;
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async #answer(request, response) {
    const body = await readBody(request).catch(() => undefined);
    // The relay gave up before it had sent all.
    if (body === undefined) return;
    const path = request.url ?? '';
    this.paths.push(path);
    const isToken = path === '/token';
    if (isToken) this.tokenRequests++;
    else this.sendRequests++;
    const script = (isToken ? this.tokenScripts : this.sendScripts).shift();
    play(response, script ?? (isToken ? this.#issue(request, body) : this.#take(request, body)));
    this.onRequest(path);
  }

  /** @param {import('node:http').IncomingMessage} request @param {string} body @returns {Reply} */
  #issue({ method }, body) {
    const fault = method === 'POST' ? findAssertionFault(body, this.account, Date.now()) : 'no POST';
    if (fault !== undefined) {
      this.faults.push(fault);
      return { status: 400, body: { error: 'invalid_grant', error_description: 'free text' } };
    }
    const bearer = `fake-bearer-${this.tokenRequests}`;
    this.bearers.add(bearer);
    return { body: { access_token: bearer, expires_in: this.expiresIn, token_type: 'Bearer' } };
  }

  /** @param {import('node:http').IncomingMessage} request @param {string} body @returns {Reply} */
  #take({ method, url, headers }, body) {
    if (method !== 'POST' || url !== `/v1/projects/${this.projectId}/messages:send`)
      return fcmError(404, 'NOT_FOUND');
    const [scheme, bearer = ''] = (headers.authorization ?? '').split(' ');
    if (scheme !== 'Bearer' || !this.bearers.has(bearer)) return fcmError(401, 'UNAUTHENTICATED');
    const token = tokenOf(tryJson(body) ?? null);
    if (token === undefined) return fcmError(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT');
    this.woken.push(token);
    return { body: { name: `projects/${this.projectId}/messages/0:${this.woken.length}%fake` } };
  }
}

/** To make keys takes some 100 ms: who starts many may give them the same. */
export const startFakeFcm = async (projectId = 'demo-project', keys = makeKeys()) => {
  const fake = new FakeFcm(projectId);
  await fake.start(keys);
  return fake;
};
