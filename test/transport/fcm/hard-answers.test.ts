/** Answers of FCM that redirect, do not end, or are none. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Script } from '../../../scripts/demo/fake-fcm.js';
import { makeCertificate } from '../../support/certificates.ts';
import {
  authorizeAnswered,
  breakOff,
  fcmError,
  hangInBody,
  openAuthorized,
  openFcm,
  patient,
  sendAnswered,
  talkNonsense,
  WAKE,
} from '../../support/fake-fcm.ts';

describe('a redirect is not followed', () => {
  test.each([301, 302, 303, 307, 308])('%i', async (status) => {
    await using fcm = await openAuthorized();
    await using other = await openFcm();
    const redirect = { status, headers: { location: `${other.fake.url}/stolen` } };
    fcm.fake.sendScripts.push(redirect);
    fcm.fake.tokenScripts.push(redirect);
    const refused = { kind: 'failed', reason: `status ${status}` };
    expect(await fcm.provider.send(WAKE, patient)).toStrictEqual(refused);
    expect(await fcm.provider.authorize(patient)).toStrictEqual(refused);
    expect(other.fake.paths).toStrictEqual([]);
  });
});

describe('of a long answer 4 KiB are read', () => {
  /** Writes for as long as it is read. */
  const endless = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = (): void => {
      while (!response.destroyed && response.write(' '.repeat(1_024)));
    };
    response.on('drain', more);
    more();
  };

  test('and its connection is closed', async () => {
    await using fcm = await openAuthorized();
    let isClosed: Promise<unknown> | undefined;
    const noted = (response: ServerResponse): void => {
      isClosed = once(response, 'close');
      endless(response);
    };
    fcm.fake.sendScripts.push(noted);
    fcm.fake.tokenScripts.push(noted);
    expect(await fcm.provider.send(WAKE, patient)).toStrictEqual({ kind: 'sent' });
    await isClosed;
    expect(await fcm.provider.authorize(patient)).toStrictEqual({
      kind: 'failed',
      reason: 'status 200, without a token',
    });
    await isClosed;
  });

  const padded = (length: number): string => {
    const text = JSON.stringify({ name: 'n/1', padding: '' });
    return JSON.stringify({ name: 'n/1', padding: 'x'.repeat(length - text.length) });
  };

  test('to the byte', async () => {
    expect(await sendAnswered({ body: padded(4_096) })).toStrictEqual({ kind: 'sent', messageId: 'n/1' });
    expect(await sendAnswered({ body: padded(4_097) })).toStrictEqual({ kind: 'sent' });
    const tooLong = { ...fcmError(404, 'NOT_FOUND', 'UNREGISTERED'), headers: { 'x-more': '1' } };
    expect(
      await sendAnswered({ ...tooLong, body: `${JSON.stringify(tooLong.body)}${' '.repeat(4_096)}` }),
    ).toStrictEqual({
      kind: 'failed',
      reason: 'status 404',
      isCredentialGood: true,
    });
  });
});

describe('an answer that does not come whole', () => {
  test('broken off in its body, has its status', async () => {
    expect(await sendAnswered(breakOff(200))).toStrictEqual({ kind: 'sent' });
    expect(await sendAnswered(breakOff(500))).toStrictEqual({
      kind: 'busy',
      reason: 'status 500',
      quota: false,
    });
    expect(await authorizeAnswered(breakOff(200))).toMatchObject({ kind: 'failed' });
  });

  test('that says it is sent, and then nothing more, is waited for a moment', async () => {
    const waits: number[] = [];
    const atOnce = (then: () => void, ms: number): (() => void) => {
      waits.push(ms);
      const timer = setImmediate(then);
      return () => clearImmediate(timer);
    };
    await using fcm = await openAuthorized({ startTimer: atOnce });
    let isClosed: Promise<unknown> | undefined;
    fcm.fake.sendScripts.push((response) => {
      isClosed = once(response, 'close');
      hangInBody(response);
    });
    expect(await fcm.provider.send(WAKE, patient)).toStrictEqual({ kind: 'sent' });
    await isClosed;
    // What an error means is in its body: the whole time of the call is left for it. So is a bearer token.
    fcm.fake.sendScripts.push(fcmError(404, 'NOT_FOUND', 'UNREGISTERED'));
    expect(await fcm.provider.send(WAKE, patient)).toMatchObject({ kind: 'unregistered' });
    expect(waits).toStrictEqual([1_000]);
  });

  test('broken off before, is none', async () => {
    const cut: Script = (response) => response.destroy();
    const expected = { kind: 'failed', reason: expect.stringMatching(/^no answer: [A-Z_]+$/) };
    expect(await sendAnswered(cut)).toStrictEqual(expected);
    expect(await authorizeAnswered(cut)).toStrictEqual(expected);
  });

  test('no HTTP, is none', async () => {
    const { kind, ...rest } = await sendAnswered(talkNonsense);
    expect(kind).toBe('failed');
    expect(JSON.stringify(rest)).not.toContain('secret');
  });

  test('with a head of 20 KiB, is none', async () => {
    const { kind } = await sendAnswered({ headers: { 'x-long': 'x'.repeat(20_480) } });
    expect(kind).toBe('failed');
  });

  test('in small pieces, is read', async () => {
    const drip: Script = (response) => {
      response.writeHead(200);
      const rest = '{"name":"n/1"}'.split('');
      const next = (): void => {
        const piece = rest.shift();
        if (piece === undefined) response.end();
        else response.write(piece, () => setImmediate(next));
      };
      next();
    };
    expect(await sendAnswered(drip)).toStrictEqual({ kind: 'sent', messageId: 'n/1' });
  });

  test('from a server that nobody vouches for, is none', async () => {
    const { cert, key } = makeCertificate();
    const asked: string[] = [];
    const impostor = createServer({ cert, key }, ({ url = '' }, response) => {
      asked.push(url);
      response.end('{"name":"n/1"}');
    }).listen(0, '127.0.0.1');
    await once(impostor, 'listening');
    const { port } = impostor.address() as AddressInfo; // It listens on TCP.
    await using fcm = await openAuthorized({ endpoint: `https://127.0.0.1:${port}` });
    expect(await fcm.provider.send(WAKE, patient)).toStrictEqual({
      kind: 'failed',
      reason: 'no answer: DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(asked).toStrictEqual([]);
    impostor.close();
  });

  test('because nothing listens, is none', async () => {
    const fcm = await openAuthorized();
    await fcm.fake.stop();
    const refused = { kind: 'failed', reason: 'no answer: ECONNREFUSED' };
    expect(await fcm.provider.send(WAKE, patient)).toStrictEqual(refused);
    expect(await fcm.provider.authorize(patient)).toStrictEqual(refused);
  });
});
