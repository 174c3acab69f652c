/** A refusal explains itself to who is refused, and once to the operator. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { binaryHeaders, type Headers, phoneHeaders } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await TestRelay.start();
});
afterAll(() => relay.dispose());

const PATH = { server: '/v1/server', client: '/v1/client' } as const;
type Endpoint = keyof typeof PATH;
const ENDPOINTS: readonly Endpoint[] = ['server', 'client'];

const good = (endpoint: Endpoint): Headers =>
  endpoint === 'server' ? binaryHeaders('refused') : phoneHeaders('refused');

const SECRET = 'leak-me-not';

const dial = async (
  endpoint: Endpoint,
  headers: readonly (readonly [string, string])[],
): Promise<{ status: number; body: string }> => {
  const raw = new RawSocket(relay.port);
  raw.request('GET', PATH[endpoint], headers);
  const answer = await raw.answer();
  raw.destroy();
  return answer;
};

const without = (endpoint: Endpoint, name: string): [string, string][] =>
  RawSocket.handshakeHeaders(good(endpoint)).filter(([known]) => known !== name);

const said = (err: string): unknown[] =>
  relay
    .events('request_refused')
    .filter(({ fields }) => fields['err'] === err)
    .map(({ fields }) => fields);

const faults = async (endpoint: Endpoint, header: string, problem: string): Promise<number> =>
  (await relay.metric(
    `header_faults_total{endpoint="${endpoint}",header="${header}",problem="${problem}"}`,
  )) ?? Number.NaN;

describe.each(ENDPOINTS)('/v1/%s', (endpoint) => {
  const names = Object.keys(good(endpoint));

  test.each(names)('names %s when it is missing, empty, repeated or too long', async (name) => {
    const rest = without(endpoint, name);
    const cases: [string, string, [string, string][]][] = [
      ['missing', `${name} is missing`, []],
      ['empty', `${name} is empty`, [[name, '']]],
    ];
    if (name !== 'User-Agent') {
      cases.push([
        'repeated',
        `${name} is repeated`,
        [
          [name, SECRET],
          [name, SECRET],
        ],
      ]);
    }
    const maxBytes = { 'X-Pyrycode-Server': 128, 'X-Pyrycode-Version': 64 }[name];
    if (maxBytes !== undefined) {
      const text = `${name} is too long: at most ${maxBytes} bytes are accepted`;
      cases.push(['too_long', text, [[name, SECRET.repeat(20)]]]);
    }
    for (const [problem, text, fields] of cases) {
      const before = await faults(endpoint, name, problem);
      for (let i = 0; i < 3; i++) {
        expect(await dial(endpoint, [...rest, ...fields])).toMatchObject({ status: 400, body: `${text}\n` });
      }
      expect(await faults(endpoint, name, problem)).toBe(before + 3);
      // One line for each role: a phone that is refused says nothing about binaries.
      const lines = said(text);
      expect(lines[0]).toEqual({ listener: 'public', remote: '127.0.0.1', source: 'socket', err: text });
      expect(lines.length).toBeLessThanOrEqual(2);
    }
    expect(JSON.stringify(relay.lines)).not.toContain(SECRET);
  });

  test('says what a handshake lacks, counts it, and logs the 400s', async () => {
    const wanted: [string, string, number][] = [
      ['Sec-WebSocket-Key', 'websocket_key', 400],
      ['Sec-WebSocket-Version', 'websocket_version', 400],
      ['Upgrade', 'no_upgrade', 426],
    ];
    for (const [name, reason, status] of wanted) {
      const cell = `http_requests_refused_total{listener="public",reason="${reason}"}`;
      const before = (await relay.metric(cell)) ?? Number.NaN;
      const answer = await dial(endpoint, without(endpoint, name));
      expect(answer.status).toBe(status);
      expect(answer.body).toContain(name);
      expect(await relay.metric(cell)).toBe(before + 1);
      expect(said(answer.body.trimEnd()).length).toBe(status === 400 ? 1 : 0);
    }
  });
});

test('ws without a User-Agent, as every newcomer meets it, is told', async () => {
  const ws = new WebSocket(`${relay.url}/v1/client`, {
    headers: { 'X-Pyrycode-Server': 's', 'X-Pyrycode-Token': SECRET },
  });
  const body = await new Promise<string>((resolve, reject) => {
    ws.on('error', reject);
    ws.on('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    });
  });
  expect(body).toBe('User-Agent is missing\n');
});

test('a request without Host, with a body, or from a foreign page has its line', async () => {
  const raw = new RawSocket(relay.port);
  raw.write('GET /healthz HTTP/1.1\r\n\r\n');
  expect(await raw.answer()).toMatchObject({ status: 400, body: 'Host is missing\n' });
  raw.destroy();
  expect(said('Host is missing')).toEqual([
    { listener: 'public', remote: '127.0.0.1', source: 'socket', err: 'Host is missing' },
  ]);
  const status = await new Promise((resolve, reject) => {
    const asked = request(relay.metricsUrl, { headers: { Host: 'evil.example' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject);
    asked.end();
  });
  expect(status).toBe(403);
  expect(said('foreign Host or Origin')).toEqual([
    { listener: 'metrics', remote: '127.0.0.1', source: 'socket', err: 'foreign Host or Origin' },
  ]);
});
