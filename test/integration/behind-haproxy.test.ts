/** Real HAProxy in front: the log has the address of who dialled it, whether TLS ends there or here. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { RelayOptions } from '../../src/relay.ts';
import { makeCertificate } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { binaryHeaders, type Headers, Peer, phoneHeaders } from '../support/peer.ts';
import { TestRelay } from '../support/relay.ts';

const isInstalled = spawnSync('haproxy', ['-v']).status === 0;
const certificate = makeCertificate();
const AT = { host: '127.0.0.1', port: 0 };

describe.skipIf(!isInstalled)('HAProxy (skipped where it is not installed: apt-get install haproxy)', () => {
  let relay: TestRelay;
  let proxy: ChildProcess | undefined;
  let dir = '';
  const dialled: Peer[] = [];
  afterEach(async () => {
    for (const { ws } of dialled.splice(0)) ws.terminate();
    proxy?.kill();
    await relay.dispose();
    rmSync(dir, { recursive: true });
  });

  /** @returns the port of a proxy in front of a relay with these options */
  const start = async (options: RelayOptions, bind: string, server: string): Promise<number> => {
    relay = await TestRelay.start(options);
    dir = mkdtempSync(join(tmpdir(), 'relay-haproxy-'));
    const port = await freePort();
    const pem = join(dir, 'both.pem');
    writeFileSync(pem, `${certificate.cert}${certificate.key}`);
    const file = join(dir, 'haproxy.cfg');
    writeFileSync(
      file,
      `defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
listen relay
  bind 127.0.0.1:${port} ${bind.replace('PEM', pem)}
  server behind 127.0.0.1:${relay.port} ${server}
`,
    );
    proxy = spawn('haproxy', ['-db', '-q', '-f', file], { stdio: 'ignore' });
    for (;;) {
      const tried = connect(port, '127.0.0.1');
      const isUp = await Promise.race([
        once(tried, 'connect').then(() => true),
        once(tried, 'close').then(() => false),
      ]).catch(() => false);
      tried.destroy();
      if (isUp) return port;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  const dial = (port: number, path: string, headers: Headers, localAddress: string): Peer => {
    const peer = new Peer(`wss://127.0.0.1:${port}${path}`, headers, { ca: certificate.cert, localAddress });
    dialled.push(peer);
    return peer;
  };

  const passes = async (port: number): Promise<void> => {
    const serverId = relay.peers.serverId();
    const binary = await dial(port, '/v1/server', binaryHeaders(serverId), '127.0.0.5').open();
    const claimed = await relay.logged('server_claimed', { server_id: serverId });
    expect(claimed.fields['remote']).toBe('127.0.0.5');
    const phone = await dial(port, '/v1/client', phoneHeaders(serverId), '127.0.0.6').open();
    const registered = await relay.logged('phone_registered', { server_id: serverId });
    expect(registered.fields['remote']).toBe('127.0.0.6');
    const long = `"${'x'.repeat(200_000)}"`;
    phone.send(long);
    expect(await binary.next()).toBe(`{"conn_id":"${String(registered.fields['conn_id'])}","frame":${long}}`);
  };

  test('passes TLS on to us, behind a PROXY header', async () => {
    const { certFile, keyFile } = certificate;
    const options = { httpsListen: AT, httpsProxyProtocol: true, tlsCert: certFile, tlsKey: keyFile };
    await passes(await start(options, '', 'send-proxy-v2'));
  });

  test('ends TLS, and sends a PROXY header with TLVs to the plain listener', async () => {
    const options = { insecureListen: AT, proxyProtocol: true };
    await passes(await start(options, 'ssl crt PEM alpn http/1.1', 'send-proxy-v2-ssl-cn'));
  });

  test('checks our health with LOCAL headers, which are counted, and goes on', async () => {
    const options = { insecureListen: AT, proxyProtocol: true };
    const check = 'send-proxy-v2 check check-send-proxy inter 100ms fall 1';
    const port = await start(options, 'ssl crt PEM alpn http/1.1', check);
    while (((await relay.metric('proxy_headers_refused_total{kind="local"}')) ?? 0) < 5)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await passes(port);
  });

  test('with version 1 is refused, and the log says what to change', async () => {
    const port = await start({ insecureListen: AT, proxyProtocol: true }, 'ssl crt PEM', 'send-proxy');
    const peer = dial(port, '/v1/server', binaryHeaders(relay.peers.serverId()), '127.0.0.5');
    await expect(peer.status).rejects.toThrow();
    expect((await relay.logged('proxy_header_refused')).fields).toEqual({ remote: '127.0.0.1', err: 'v1' });
  });
});
