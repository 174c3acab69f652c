/** A push service on loopback whose answers the test holds back. */
import type { ServerResponse } from 'node:http';
import { type FakeFcm, fcmError, type Script, startFakeFcm } from '../../../scripts/demo/fake-fcm.js';
import { makeKeys } from '../../../scripts/demo/service-account.js';
import type { RelayOptions } from '../../../src/relay.ts';
import type { TestRelay } from '../../support/relay.ts';
import { wakeText } from '../../support/scripted-push.ts';

const KEYS = makeKeys();

export const withFcm = async (play: (fake: FakeFcm) => Promise<void>): Promise<void> => {
  const fake = await startFakeFcm('demo-project', KEYS);
  try {
    await play(fake);
  } finally {
    await fake.stop();
  }
};

export const optionsFor = (fake: FakeFcm): RelayOptions => ({
  fcmCredentials: { json: fake.credentials },
  fcmEndpoint: fake.url,
});

export const DENIED = { status: 400, body: { error: 'invalid_grant' } };

/** @param retryAfter in seconds */
export const busy = (retryAfter: number) => ({
  ...fcmError(503, 'UNAVAILABLE', 'UNAVAILABLE'),
  headers: { 'retry-after': String(retryAfter) },
});

/** The next request of its kind, which waits for its answer. */
export class HeldRequest {
  readonly came: Promise<void>;
  #response: ServerResponse | undefined;

  /** @param scripts those of the fake for this kind of request */
  constructor(scripts: Script[]) {
    this.came = new Promise((resolve) => {
      scripts.push((response: ServerResponse) => {
        this.#response = response;
        resolve();
      });
    });
  }

  #answer(status: number, body: object): void {
    this.#response?.writeHead(status, { 'content-type': 'application/json' });
    this.#response?.end(JSON.stringify(body));
  }

  /** A request for a bearer token is given one. */
  issue(fake: FakeFcm): void {
    fake.bearers.add('late');
    this.#answer(200, { access_token: 'late', expires_in: 3_599 });
  }

  /** A wake is refused because of its bearer token. */
  refuse(): void {
    this.#answer(401, {});
  }
}

/** A binary of its own asks for a wake. */
export const ask = async (relay: TestRelay, token: string): Promise<void> => {
  const binary = await relay.peers.binary(relay.peers.serverId());
  binary.send(wakeText(token));
  await binary.roundTrip();
};

/** Asks for a wake, whose send is held. */
export const askHeld = async (relay: TestRelay, fake: FakeFcm, token: string): Promise<HeldRequest> => {
  const send = new HeldRequest(fake.sendScripts);
  await ask(relay, token);
  await send.came;
  return send;
};
