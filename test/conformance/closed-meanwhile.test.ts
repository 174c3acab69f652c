/** What is reported of a peer that the target closes between the check that all are connected and the frames. */
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { Stalls } from '../../src/conformance/stalls.ts';
import { TimerWindow } from '../../src/conformance/timer-window.ts';
import { WireExchange } from '../../src/conformance/wire-exchange.ts';
import { WirePeer } from '../../src/conformance/wire-peer.ts';

const MANY_MS = 60_000;

let server: WebSocketServer;
const accepted = new Map<string, WebSocket>();
beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (ws, request) => void accepted.set(request.url ?? '', ws));
  await new Promise((resolve) => server.once('listening', resolve));
});
afterEach(() => {
  for (const ws of server.clients) ws.terminate();
  server.close();
});

const dial = async (role: 'binary' | 'phone'): Promise<WirePeer> => {
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return await WirePeer.dial({
    base: `ws://127.0.0.1:${port}`,
    serverId: 's',
    role,
    patienceMs: MANY_MS,
  });
};

test('a holder that is closed when it should hear a frame is what is reported', async () => {
  const holder = await dial('binary');
  const phone = await dial('phone');
  // The target closes it once the phone has sent its frame.
  accepted.get('/v1/client')?.on('message', () => {
    accepted.get('/v1/server')?.close(4409, 'server-id already claimed');
  });
  const stalls = new Stalls();
  const frames = new WireExchange(new TimerWindow({ graceMs: MANY_MS, probeTimeoutMs: MANY_MS }, stalls));
  const problem = await frames.framesToHolder(holder, [phone]);
  stalls.end();
  expect(problem).toBe('expected a binary to stay, got 4409 "server-id already claimed"');
});
