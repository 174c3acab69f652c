/** Connections that cannot be accepted are counted, and never taken for a failed listener. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, Server, type Socket } from 'node:net';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { makeCertificate } from '../support/certificates.ts';
import { Inbox } from '../support/inbox.ts';
import { binaryHeaders, Peer } from '../support/peer.ts';
import { ipv4Header } from '../support/proxy-header.ts';
import { TestRelay } from '../support/relay.ts';
import { type LogLine, MAIN } from '../support/relay-process.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** All servers that begin to listen from now on. */
const listeningServers = (): Server[] => {
  const servers: Server[] = [];
  const original: unknown = Reflect.get(Server.prototype, 'listen');
  if (typeof original !== 'function') throw new TypeError('no such method');
  ends.push(() => Reflect.set(Server.prototype, 'listen', original));
  Reflect.set(Server.prototype, 'listen', function listen(this: Server, ...args: unknown[]): unknown {
    servers.push(this);
    return Reflect.apply(original, this, args);
  });
  return servers;
};

/** Tells Node's listening handle what libuv reports when accept(2) fails. */
const failAccept = (server: Server, errno: number): void => {
  const handle: unknown = Reflect.get(server, '_handle');
  if (typeof handle !== 'object' || handle === null) throw new TypeError('not listening');
  const report: unknown = Reflect.get(handle, 'onconnection');
  if (typeof report !== 'function') throw new TypeError('no such callback');
  Reflect.apply(report, handle, [-errno]);
};

test('a failed accept is no failed listener, whatever the error', async () => {
  const servers = listeningServers();
  const failures: Error[] = [];
  const relay = await TestRelay.start({
    inspectListen: { host: '127.0.0.1', port: 0 },
    onListenerFailed: (error) => failures.push(error),
  });
  ends.push(() => relay.dispose());
  const { ENOBUFS, ENOMEM, EPROTO, EMFILE, ENFILE, ECONNABORTED, EPERM } = constants.errno;
  const errors = [ENOBUFS, ENOMEM, EPROTO, EMFILE, ENFILE, ECONNABORTED, EPERM];
  expect(servers.length).toBe(3);
  for (const server of servers) for (const errno of [...errors, ...errors]) failAccept(server, errno);
  expect(failures).toEqual([]);
  expect(relay.events('listener failed')).toEqual([]);
  for (const listener of ['public', 'metrics', 'inspect']) {
    const cell = `connections_not_taken_total{listener="${listener}",reason="accept_failed"}`;
    expect(await relay.metric(cell)).toBe(2 * errors.length);
    // Each once.
    const lines = relay
      .events('connection_not_taken')
      .filter(({ fields }) => fields['listener'] === listener);
    expect(lines.length).toBe(errors.length);
    expect(lines[0]?.fields).toEqual({ listener, remote: '', source: 'socket', err: 'Error ENOBUFS' });
  }
  await relay.peers.binary(relay.peers.serverId());
  expect((await fetch(relay.inspectUrl)).status).toBe(200);
});

const DESCRIPTORS = 64;

const PLAIN = ['--insecure-listen', '127.0.0.1:0'];

const startWithFewDescriptors = async (
  listener: readonly string[] = PLAIN,
  descriptors = DESCRIPTORS,
): Promise<{ port: number; metricsUrl: string; log: LogLine[] }> => {
  const command = `ulimit -n ${descriptors}; exec "$0" "$@"`;
  const args = [
    process.execPath,
    MAIN,
    ...listener,
    '--metrics-listen',
    '127.0.0.1:0',
    '--rate-burst',
    '0',
    '--max-connections',
    '1000',
  ];
  const child: ChildProcess = spawn('sh', ['-c', command, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  ends.push(() => child.kill('SIGKILL'));
  const news = new Inbox<LogLine>('the log');
  const log: LogLine[] = [];
  if (child.stdout === null) throw new TypeError('no stdout');
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as LogLine; // Every line is one JSON object.
    log.push(line);
    news.push(line);
  });
  const listen = async (): Promise<string> => {
    for (;;) {
      const { listen: at } = await news.next();
      if (typeof at === 'string') return at;
    }
  };
  const port = Number((await listen()).split(':').at(-1));
  return { port, metricsUrl: `http://${await listen()}/metrics`, log };
};

test.skipIf(process.platform === 'win32')(
  'without descriptors new connections are closed, logged once and counted; it recovers by itself',
  async () => {
    const { port, metricsUrl, log } = await startWithFewDescriptors();
    const refusals = async (): Promise<number> => {
      const text = await (await fetch(metricsUrl)).text();
      const cell = /connections_not_taken_total\{listener="public",reason="no_descriptors"\} (\d+)/;
      return Number(cell.exec(text)?.[1]);
    };
    expect(await refusals()).toBe(0);
    const dialled: Peer[] = [];
    let refusedDials = 0;
    for (let i = 0; i < DESCRIPTORS + 10; i++) {
      const peer = new Peer(`ws://127.0.0.1:${port}/v1/server`, binaryHeaders(`b-${i}`));
      dialled.push(peer);
      if ((await peer.status.catch(() => 0)) === 0) refusedDials++;
    }
    // The metrics can be read meanwhile.
    expect(refusedDials).toBeGreaterThan(10);
    expect(await refusals()).toBe(refusedDials);
    const lines = log.filter(({ msg }) => msg === 'connection_not_taken');
    expect(lines.map(({ listener, remote, source, err }) => [listener, remote, source, err])).toEqual([
      ['public', '127.0.0.1', 'socket', 'out of file descriptors'],
    ]);
    for (const { ws } of dialled) ws.terminate();
    let peer = new Peer(`ws://127.0.0.1:${port}/v1/server`, binaryHeaders('after'));
    // The relay may not have seen yet that the others have left.
    while ((await peer.status.catch(() => 0)) !== 101) {
      peer = new Peer(`ws://127.0.0.1:${port}/v1/server`, binaryHeaders('after'));
    }
    peer.ws.terminate();
  },
);

test.skipIf(process.platform === 'win32')(
  'dials that are never finished hold no descriptor that another dial needs',
  async () => {
    const { port, metricsUrl, log } = await startWithFewDescriptors();
    const sockets: Socket[] = [];
    for (let i = 0; i < 2 * DESCRIPTORS; i++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      sockets.push(socket);
      await once(socket, 'connect');
    }
    const peer = new Peer(`ws://127.0.0.1:${port}/v1/server`, binaryHeaders('in earnest'));
    ends.push(() => peer.ws.terminate());
    expect(await peer.status).toBe(101);
    // The others have not been cut at their deadline: they still hold what is left.
    expect(sockets.filter(({ closed }) => !closed).length).toBeGreaterThan(10);
    const text = await (await fetch(metricsUrl)).text();
    expect(text).toMatch(/admission_refusals_total\{limit="unfinished"\} [1-9]/);
    expect(text).toContain('connections_not_taken_total{listener="public",reason="no_descriptors"} 0');
    const lines = log.filter(({ msg }) => msg === 'admission_refused');
    expect(lines.map(({ limit, remote, source }) => ({ limit, remote, source }))).toEqual([
      { limit: 'unfinished', remote: '127.0.0.1', source: 'socket' },
    ]);
    for (const socket of sockets) socket.destroy();
  },
);

const certificate = makeCertificate();
const TLS = [
  '--https-listen',
  '127.0.0.1:0',
  '--tls-cert',
  certificate.certFile,
  '--tls-key',
  certificate.keyFile,
];

test.skipIf(process.platform === 'win32').each([
  ['plain', [...PLAIN, '--proxy-protocol'], false],
  ['TLS', [...TLS, '--https-proxy-protocol'], true],
] as const)(
  'a client that floods with half-open dials pushes out its own, and no other client of its proxy: %s',
  async (_, listener, isTls) => {
    // So many that the bound, nine tenths of them, is reached before they run out.
    const descriptors = 6 * DESCRIPTORS;
    const { port, metricsUrl, log } = await startWithFewDescriptors(listener, descriptors);
    const dial = async (client: readonly number[]): Promise<Socket> => {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      ends.push(() => socket.destroy());
      await once(socket, 'connect');
      socket.write(ipv4Header(client));
      return socket;
    };
    const slow = await dial([198, 51, 100, 2]);
    for (let i = 0; i < descriptors + DESCRIPTORS; i += DESCRIPTORS)
      await Promise.all(Array.from({ length: DESCRIPTORS }, async () => await dial([203, 0, 113, 9])));
    const refused = async (): Promise<number> => {
      const text = await (await fetch(metricsUrl)).text();
      return Number(/admission_refusals_total\{limit="unfinished"\} (\d+)/.exec(text)?.[1]);
    };
    for (let tries = 0; tries < 500 && !((await refused()) >= DESCRIPTORS); tries++);
    expect(await refused()).toBeGreaterThanOrEqual(DESCRIPTORS);
    const ws = new WebSocket(`${isTls ? 'wss' : 'ws'}://127.0.0.1:${port}/v1/server`, {
      headers: binaryHeaders('in earnest'),
      createConnection: () => (isTls ? connectTls({ socket: slow, ca: certificate.cert }) : slow),
    });
    ends.push(() => ws.terminate());
    await once(ws, 'open');
    const remotes = log.filter(({ msg }) => msg === 'admission_refused').map(({ remote }) => remote);
    expect(new Set(remotes)).toEqual(new Set(['203.0.113.9']));
  },
);
