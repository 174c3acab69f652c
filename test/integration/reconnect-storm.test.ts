/** Everybody dials again at once, over TLS, because the relay was restarted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { descriptorLimit } from '../../src/machine-limits.ts';
import { makeCertificate } from '../support/certificates.ts';
import { HealthyPair } from '../support/healthy-pair.ts';
import { Inbox } from '../support/inbox.ts';
import { binaryHeaders, type Headers, Peer, Peers, phoneHeaders } from '../support/peer.ts';
import { RelayProcess } from '../support/relay-process.ts';

/** 2,000 connections in all. */
const SERVER_IDS = 125;
const PHONES_EACH = 15;
/** The relay and the test have one for each connection, and the relay keeps a fifth for other things. */
const DESCRIPTORS = 4_096;
const hasDescriptors = (descriptorLimit() ?? DESCRIPTORS) >= DESCRIPTORS;
if (!hasDescriptors) console.log(`fewer than ${DESCRIPTORS} file descriptors here: the storm is skipped`);
/** So long without an answer to any of them, and the others will not be back. On a slow machine all of them take many times as long. */
const STILL_MS = 120_000;
const TEST_TIMEOUT_MS = 1_800_000;
/** As clients do it: a random wait, which doubles after each failure. */
const BACKOFF_MS = 1_000;
const MAX_DOUBLINGS = 4;

const certificate = makeCertificate();
/** One for all: to read the certificate for each dial would take longer than the handshake. */
const tls = { secureContext: createSecureContext({ ca: certificate.cert }), perMessageDeflate: false };
let relay: RelayProcess;
/** Pending while the relay is down: then all are released at once. */
let mayDial = Promise.resolve();
const peers = new Peers(() => relay.url);

/** Dials, and whenever that connection ends, dials again. */
class Resident {
  /** The last message of each exchange. */
  readonly inbox: Inbox<string>;
  readonly #path: string;
  readonly #headers: Headers;
  readonly #onOpen: (resident: Resident) => void;
  readonly #onMessage: (message: string, resident: Resident) => void;
  #peer: Peer | undefined;
  #hasLeft = false;

  constructor(
    path: string,
    headers: Headers,
    onOpen: (resident: Resident) => void,
    onMessage: (message: string, resident: Resident) => void,
  ) {
    this.inbox = new Inbox(path);
    this.#path = path;
    this.#headers = headers;
    this.#onOpen = onOpen;
    this.#onMessage = onMessage;
    void this.#stay();
  }

  send(message: string): void {
    this.#peer?.send(message);
  }

  leave(): void {
    this.#hasLeft = true;
    this.#peer?.ws.terminate();
  }

  async #stay(): Promise<void> {
    for (let failures = 0; !this.#hasLeft; failures++) {
      await mayDial;
      const peer = new Peer(`${relay.url}${this.#path}`, this.#headers, tls);
      this.#peer = peer;
      peer.ws.on('message', (data: Buffer) => this.#onMessage(data.toString(), this));
      peer.ws.on('open', () => this.#onOpen(this));
      if ((await peer.closed).code === 1001) failures = 0;
      await sleep(Math.random() * BACKOFF_MS * 2 ** Math.min(failures, MAX_DOUBLINGS));
    }
  }
}

const residents: Resident[] = [];
afterEach(() => {
  for (const resident of residents) resident.leave();
  peers.dispose();
  relay.kill();
});

/** Sends each phone its own frames back. */
const echoing = (serverId: string): Resident =>
  new Resident(
    '/v1/server',
    binaryHeaders(serverId),
    () => {},
    (message, binary) => binary.send(message),
  );

const HELLO = '"hello"';
const greeting = (serverId: string): Resident =>
  new Resident(
    '/v1/client',
    phoneHeaders(serverId),
    (phone) => phone.send(HELLO),
    (message, phone) => phone.inbox.push(message),
  );

/** Each phone's frame has come back from its binary. */
const answered = async (phones: readonly Resident[], frame: string): Promise<void> => {
  let answeredAtMs = performance.now();
  let left = phones.length;
  const answers = phones.map(async ({ inbox }) => {
    const answer = await inbox.next(TEST_TIMEOUT_MS);
    answeredAtMs = performance.now();
    left--;
    return answer;
  });
  let timer: NodeJS.Timeout | undefined;
  const standstill = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (performance.now() - answeredAtMs > STILL_MS)
        reject(new Error(`${left} of ${phones.length} are not back`));
    }, 1_000);
  });
  try {
    const all = await Promise.race([Promise.all(answers), standstill]);
    expect(all.filter((answer) => answer !== frame)).toEqual([]);
  } finally {
    clearInterval(timer);
  }
};

const start = async (listen: string): Promise<RelayProcess> => {
  const { certFile, keyFile } = certificate;
  return await RelayProcess.start(['--https-listen', listen, '--tls-cert', certFile, '--tls-key', keyFile]);
};

test.skipIf(!hasDescriptors)(
  '2,000 are back after a restart, and a pair that was first loses nothing meanwhile',
  async () => {
    relay = await start('127.0.0.1:0');
    const serverIds = Array.from({ length: SERVER_IDS }, () => peers.serverId());
    const phones: Resident[] = [];
    for (const serverId of serverIds) {
      residents.push(echoing(serverId));
      await relay.logged('server_claimed');
      const arriving = Array.from({ length: PHONES_EACH }, () => greeting(serverId));
      phones.push(...arriving);
      await answered(arriving, HELLO);
    }
    residents.push(...phones);

    let release = (): void => {};
    mayDial = new Promise((resolve) => {
      release = resolve;
    });
    const listen = new URL(relay.url).host;
    expect(await relay.stop()).toBe(0);
    relay = await start(listen);
    await relay.logged('listening');
    const pair = await HealthyPair.start(peers, tls);
    release();
    await answered(phones, HELLO);
    expect(await pair.end()).toBeGreaterThan(0);

    for (const phone of phones) phone.send('"still here"');
    await answered(phones, '"still here"');
    expect(relay.count('phone_unregistered')).toBe(0);
  },
  TEST_TIMEOUT_MS,
);
