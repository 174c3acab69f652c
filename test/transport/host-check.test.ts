/** With names of its own, a listener answers only for those. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DataPlane } from '../../src/transport/data-plane.ts';
import { createListener } from '../../src/transport/listener.ts';
import { listen, stopListening } from '../../src/transport/listening.ts';
import type { Observation } from '../../src/transport/observation.ts';
import { openToAll } from '../support/open-entrance.ts';
import { phoneHeaders } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';

let seen: Observation[];
let server: ReturnType<typeof createListener>;
let port: number;
beforeEach(async () => {
  seen = [];
  const observer = { observe: (item: Observation) => seen.push(item) };
  const plane = { observer } as unknown as DataPlane; // No request of these tests comes further than to the observer.
  server = createListener(plane, {
    memory: { serverIdLimit: () => undefined },
    maxFrameBytes: 1,
    health: () => 'fine',
    hosts: ['relay.example', 'b.example'],
    ...openToAll(),
  });
  ({ port } = await listen(server, { host: '127.0.0.1', port: 0 }));
});
afterEach(() => stopListening(server, Promise.resolve()));

const ask = async (host: string, target = '/healthz', lines: readonly string[] = []) => {
  const raw = new RawSocket(port);
  raw.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`);
  const { status, body } = await raw.answer();
  raw.destroy();
  return { status, body };
};

const SERVED = { status: 200, body: 'fine' };
const MISDIRECTED = { status: 421, body: '' };

test.each(['relay.example', 'RELAY.Example', 'relay.example:443', 'b.example:8443'])(
  '%s is served',
  async (host) => {
    expect(await ask(host)).toEqual(SERVED);
  },
);

test.each([
  'example',
  'relay.example.evil',
  'x.relay.example',
  '127.0.0.1',
  'relay.example:80:80',
  'relay.example:x',
])('%s is misdirected: 421 without a body, counted with the address it came from', async (host) => {
  expect(await ask(host)).toEqual(MISDIRECTED);
  expect(seen).toEqual([
    {
      type: 'request.refused',
      listener: 'public',
      reason: 'misdirected',
      remote: '127.0.0.1',
      source: 'socket',
      explanation: 'Host is not served here',
    },
  ]);
});

describe('the check comes first', () => {
  test('for every path, an unknown one too', async () => {
    expect(await ask('evil.example', '/nothing')).toEqual(MISDIRECTED);
    expect((await ask('relay.example', '/nothing')).status).toBe(404);
  });

  test('for a WebSocket handshake, good or not', async () => {
    const handshake = RawSocket.handshakeHeaders(phoneHeaders('s')).map(
      ([name, value]) => `${name}: ${value}`,
    );
    expect(await ask('evil.example', '/v1/client', handshake)).toEqual(MISDIRECTED);
    expect(await ask('evil.example', '/v1/client', ['Connection: upgrade', 'Upgrade: websocket'])).toEqual(
      MISDIRECTED,
    );
  });

  test('for a target in absolute form, which counts instead of Host', async () => {
    expect(await ask('relay.example', 'https://evil.example/healthz')).toEqual(MISDIRECTED);
    expect(await ask('evil.example', 'https://relay.example/healthz')).toEqual(SERVED);
  });
});
