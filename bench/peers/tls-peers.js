/** Our relay with TLS of its own, and behind proxies that end TLS in front of its plain listener. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wait } from '../load/loads.js';
import { keep, kill } from '../measure/children.js';
import { onMeasuredCore } from '../measure/pinning.js';
import { freePort, startOurs, startOursWith } from './peers.js';

/**
 * @typedef {object} TlsPeer
 * @property {string} name
 * @property {number} port
 * @property {readonly number[]} pids of every process that serves it
 * @property {boolean} isTls
 * @property {() => Promise<void>} collect collects the garbage of our relay
 * @property {() => Promise<void>} stop
 */

const dir = mkdtempSync(join(tmpdir(), 'relay-bench-tls-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
const certFile = join(dir, 'cert.pem');
const keyFile = join(dir, 'key.pem');

/** ECDSA P-256, as Let's Encrypt issues it. */
export const makeCertificate = () => {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const made = ['-nodes', '-days', '7', '-subj', '/CN=bench', '-keyout', keyFile, '-out', certFile];
  execFileSync('openssl', ['req', '-x509', ...curve, ...made], { stdio: 'pipe' });
  writeFileSync(join(dir, 'both.pem'), `${readFileSync(certFile, 'utf8')}${readFileSync(keyFile, 'utf8')}`);
};

// No cap: phones of the previous round that are still leaving must not cause refusals in this one.
const FLAGS = ['--max-phones', '0'];

/**
 * @param {string} name
 * @param {import('./peers.js').Peer} ours
 * @param {boolean} isTls
 * @returns {TlsPeer}
 */
const alone = (name, { port, pid, ask, stop }, isTls) => ({
  name,
  port,
  isTls,
  pids: [pid],
  collect: async () => void (await ask('collect')),
  stop,
});

export const startPlain = async () => alone('plain', await startOurs({ probe: true, flags: FLAGS }), false);

export const startWithTls = async () => {
  const listen = ['--https-listen', '127.0.0.1:0', '--tls-cert', certFile, '--tls-key', keyFile];
  return alone('TLS', await startOursWith(['--metrics-listen=', ...listen, ...FLAGS], { probe: true }), true);
};

/** @param {number} port */
const whenListening = async (port) => {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await wait(50);
  }
  throw new Error('the proxy does not listen');
};

/**
 * @param {string} name
 * @param {(ports: { port: number, behind: number }) => readonly [command: string, args: readonly string[]]} commandOf
 * @returns {Promise<TlsPeer>}
 */
const startBehind = async (name, commandOf) => {
  const ours = await startOurs({ probe: true, flags: FLAGS });
  const port = await freePort();
  const child = keep(
    spawn(...onMeasuredCore(...commandOf({ port, behind: ours.port })), {
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  await once(child, 'spawn');
  await whenListening(port);
  if (child.pid === undefined) throw new Error(`${name} does not start`);
  return {
    ...alone(name, ours, true),
    port,
    pids: [ours.pid, child.pid],
    stop: async () => {
      await kill(child);
      await ours.stop();
    },
  };
};

export const startBehindHaproxy = async () =>
  await startBehind('behind HAProxy', ({ port, behind }) => {
    const file = join(dir, 'haproxy.cfg');
    writeFileSync(
      file,
      `global
  nbthread 1
  maxconn 9000
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen relay
  bind 127.0.0.1:${port} ssl crt ${join(dir, 'both.pem')} alpn http/1.1
  server behind 127.0.0.1:${behind}
`,
    );
    return ['haproxy', ['-db', '-q', '-f', file]];
  });

export const startBehindNginx = async () =>
  await startBehind('behind nginx', ({ port, behind }) => {
    const file = join(dir, 'nginx.conf');
    writeFileSync(
      file,
      `daemon off;
master_process off;
pid ${join(dir, 'nginx.pid')};
error_log stderr crit;
events { worker_connections 9000; }
http {
  access_log off;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${certFile};
    ssl_certificate_key ${keyFile};
    location / {
      proxy_pass http://127.0.0.1:${behind};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_read_timeout 1h;
    }
  }
}
`,
    );
    return ['nginx', ['-c', file]];
  });

/** @param {string} command */
export const isInstalled = (command) => spawnSync(command, ['-v']).status === 0;
