/** Commands that talk to this machine, where every request of the process would go through a proxy. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { RelayProcess, runMain } from '../support/relay-process.ts';

let dir: string;
let relay: RelayProcess | undefined;
let asked = 0;
const proxy = createServer((socket) => {
  asked++;
  socket.on('error', () => {});
  socket.destroy();
});
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'proxied-'));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  proxy.close();
  rmSync(dir, { recursive: true });
});
afterEach(() => {
  relay?.kill();
  relay = undefined;
});

/** What Node 24 does itself with NODE_USE_ENV_PROXY, and what packages preload on any Node. */
const proxiedEnvironment = (): Readonly<Record<string, string>> => {
  const { port } = proxy.address() as AddressInfo; // It listens on TCP.
  const preload = join(dir, 'preload.mjs');
  writeFileSync(
    preload,
    `import http from 'node:http';
     import net from 'node:net';
     const dial = () => net.connect(${port}, '127.0.0.1');
     http.globalAgent.createConnection = dial;
     const dispatch = (_options, handler) => { dial(); handler.onError?.(new Error('proxied')); return false; };
     globalThis[Symbol.for('undici.globalDispatcher.1')] = { dispatch };`,
  );
  const url = `http://127.0.0.1:${port}`;
  return { NODE_OPTIONS: `--import ${preload}`, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, http_proxy: url };
};

test('record and conformance reach the relay directly', async () => {
  relay = await RelayProcess.start(['--inspect-listen', '127.0.0.1:0']);
  const { listen } = await relay.logged('starting inspect listener');
  const env = proxiedEnvironment();
  const out = join(dir, 'out.ndjson');
  const recorded = await runMain(['record', '--inspect', `http://${String(listen)}`, '--out', out], env);
  // Node 22 warns on stderr that its proxies are experimental.
  expect(recorded.code, recorded.stderr).toBe(0);
  const [id = ''] = (await runMain(['paths', '--max-phones', '1'])).stdout.split(' ');
  const driven = await runMain(
    ['conformance', relay.url, '--max-phones', '1', '--only', id, '--patience', '5s'],
    env,
  );
  expect(driven.code, driven.stderr).toBe(0);
  expect(asked).toBe(0);
});
