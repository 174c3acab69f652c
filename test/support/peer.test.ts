import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Peer } from './peer.ts';

let server: Server;
afterEach(() => void server.close());

test('a peer whose upgrade is refused has its status, and is closed', async () => {
  server = createServer((_request, response) => void response.writeHead(503).end('later\n'));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const peer = new Peer(`ws://127.0.0.1:${port}/`, {});
  expect(await peer.status).toBe(503);
  expect((await peer.closed).code).toBe(1006);
});
