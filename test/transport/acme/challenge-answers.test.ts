/** The challenge listener answers what an order has offered, and nothing else. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { MAX_PENDING_CHALLENGES } from '../../../src/transport/acme/acme-limits.ts';
import { CHALLENGE_PATH, ChallengeAnswers } from '../../../src/transport/acme/challenge-answers.ts';
import { createChallengeListener } from '../../../src/transport/acme/challenge-listener.ts';

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const listen = async (answers: ChallengeAnswers): Promise<string> => {
  const server = createChallengeListener(answers, {
    onRefused: () => {},
    contain: (act) => {
      act();
      return true;
    },
  });
  server.listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return `http://127.0.0.1:${port}`;
};

const ask = async (url: string, method = 'GET'): Promise<[number, string]> => {
  const response = await fetch(url, { method });
  return [response.status, await response.text()];
};

const MISSING = [404, '404 page not found\n'];

test('a challenge is answered while it is offered; everything else is a 404', async () => {
  const answers = new ChallengeAnswers();
  const base = await listen(answers);
  answers.offer('token-1', 'token-1.thumbprint');
  expect(await ask(`${base}${CHALLENGE_PATH}token-1`)).toStrictEqual([200, 'token-1.thumbprint']);
  expect(await ask(`${base}${CHALLENGE_PATH}token-1`, 'DELETE')).toStrictEqual(MISSING);
  for (const path of ['/', '/healthz', '/v1/client', CHALLENGE_PATH, `${CHALLENGE_PATH}token-2`])
    expect([path, await ask(`${base}${path}`)]).toStrictEqual([path, MISSING]);
  expect(await ask(`${base}/other/token-1`)).toStrictEqual(MISSING);
  answers.withdraw('token-1');
  expect(await ask(`${base}${CHALLENGE_PATH}token-1`)).toStrictEqual(MISSING);
});

test('a token of another form is not offered', () => {
  const answers = new ChallengeAnswers();
  for (const token of ['', '../x', 'a b', 'x'.repeat(257), 'ü'])
    expect(() => answers.offer(token, 'x')).toThrow('a token of another form');
});

test('the challenges that wait are bounded', () => {
  const answers = new ChallengeAnswers();
  for (let i = 0; i < MAX_PENDING_CHALLENGES; i++) answers.offer(`token-${i}`, 'x');
  expect(() => answers.offer('one-more', 'x')).toThrow('too many challenges');
  answers.clear();
  expect(answers.at(`${CHALLENGE_PATH}token-0`)).toBeUndefined();
  answers.offer('one-more', 'x');
});
