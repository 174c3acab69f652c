/** The address that the relay logs and limits by, behind a real nginx. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { RelayOptions } from '../../src/relay.ts';
import { Peer, phoneHeaders } from '../support/peer.ts';
import { TestRelay } from '../support/relay.ts';

const hasNginx = ((): boolean => {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('no nginx here: its test is skipped');
    return false;
  }
})();

let relay: TestRelay;
let nginx: ChildProcess;
let folder: string;
const peers: Peer[] = [];

const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo; // Bound to TCP.
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

const isListening = async (port: number): Promise<boolean> =>
  await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

/** @returns nginx's port */
const start = async (options: RelayOptions): Promise<number> => {
  relay = await TestRelay.start(options);
  folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const port = await freePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error;
    events {}
    http {
      access_log off;
      ${paths}
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://127.0.0.1:${relay.port};
          proxy_http_version 1.1;
          proxy_set_header Upgrade $http_upgrade;
          proxy_set_header Connection upgrade;
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }
      }
    }`,
  );
  nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error')], {
    stdio: 'ignore',
  });
  while (!(await isListening(port))) if (nginx.exitCode !== null) throw new Error('nginx does not start');
  return port;
};

afterEach(async () => {
  if (!hasNginx) return;
  for (const { ws } of peers.splice(0)) ws.terminate();
  nginx.kill();
  await relay.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const dial = (port: number, localAddress: string): Peer => {
  // What a client claims about itself must not count.
  const headers = { ...phoneHeaders('s'), 'X-Forwarded-For': '198.51.100.1' };
  const peer = new Peer(`ws://127.0.0.1:${port}/v1/client`, headers, { localAddress });
  peers.push(peer);
  return peer;
};

test.skipIf(!hasNginx)('behind nginx each client has its own address and its own bucket', async () => {
  const port = await start({ trustedProxies: ['127.0.0.1'], rateBurst: 1, rateEveryMs: 3_600_000 });
  for (const address of ['127.0.0.5', '127.0.0.6']) {
    expect(await dial(port, address).status).toBe(101);
    expect((await relay.logged('phone_register_no_server')).fields['remote']).toBe(address);
  }
  expect(await dial(port, '127.0.0.5').status).toBe(429);
  expect((await relay.logged('rate_limited')).fields).toEqual({
    remote: '127.0.0.5',
    source: 'x_forwarded_for',
    path: '/v1/client',
  });
});

test.skipIf(!hasNginx)('an nginx that is not trusted is one client', async () => {
  const port = await start({ rateBurst: 1, rateEveryMs: 3_600_000 });
  expect(await dial(port, '127.0.0.5').status).toBe(101);
  expect(await dial(port, '127.0.0.6').status).toBe(429);
  expect((await relay.logged('rate_limited')).fields['remote']).toBe('127.0.0.1');
});
