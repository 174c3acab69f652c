/** The PROXY protocol in front of both listeners: who dialled the proxy is who dialled us. */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { RelayOptions } from '../../src/relay.ts';
import { makeCertificate } from '../support/certificates.ts';
import { binaryHeaders } from '../support/peer.ts';
import { ipv4Header, proxyHeader } from '../support/proxy-header.ts';
import { TestRelay } from '../support/relay.ts';

const certificate = makeCertificate();
const AT = { host: '127.0.0.1', port: 0 };
const LISTENERS: Readonly<Record<'plain' | 'tls', RelayOptions>> = {
  plain: { insecureListen: AT, proxyProtocol: true },
  tls: {
    httpsListen: AT,
    httpsProxyProtocol: true,
    tlsCert: certificate.certFile,
    tlsKey: certificate.keyFile,
  },
};

describe.each(['plain', 'tls'] as const)('on the %s listener', (kind) => {
  let relay: TestRelay;
  beforeAll(async () => {
    relay = await TestRelay.start(LISTENERS[kind]);
  });
  afterAll(() => relay.dispose());

  const refusals = async (fault: string): Promise<number | undefined> =>
    await relay.metric(`proxy_headers_refused_total{kind="${fault}"}`);

  const tcpSocket = async (): Promise<Socket> => {
    const tcp = connectTcp({ port: relay.port, host: '127.0.0.1', allowHalfOpen: true });
    tcp.setNoDelay(true);
    await once(tcp, 'connect');
    return tcp;
  };

  /** Everything received until the connection ends. */
  const received = async (socket: Socket): Promise<string> => {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', () => {});
    await new Promise((resolve) => socket.on('close', resolve).on('end', resolve));
    return text;
  };

  /** A binary behind a proxy, which has sent these bytes before. */
  const claim = (serverId: string, tcp: Socket): WebSocket => {
    const ws = new WebSocket(`${relay.url}/v1/server`, {
      headers: binaryHeaders(serverId),
      createConnection: () => (kind === 'tls' ? connectTls({ socket: tcp, ca: certificate.cert }) : tcp),
    });
    return ws.on('error', () => {});
  };

  test('the log has the address that the header names, and the frames are those of the client', async () => {
    const serverId = relay.peers.serverId();
    const tcp = await tcpSocket();
    tcp.write(ipv4Header([203, 0, 113, 7], Buffer.alloc(200, 4)));
    const binary = claim(serverId, tcp);
    const claimed = await relay.logged('server_claimed', { server_id: serverId });
    expect(claimed.fields['remote']).toBe('203.0.113.7');
    binary.terminate();
  });

  test('the header may come byte by byte, or in one packet with what follows', async () => {
    const header = ipv4Header([198, 51, 100, 1]);
    const slow = await tcpSocket();
    for (const byte of header) {
      slow.write(Uint8Array.of(byte));
      await setImmediate();
    }
    const first = relay.peers.serverId();
    const peers = [claim(first, slow)];
    expect((await relay.logged('server_claimed', { server_id: first })).fields['remote']).toBe(
      '198.51.100.1',
    );
    const fast = await tcpSocket();
    fast.cork();
    fast.write(header);
    const second = relay.peers.serverId();
    peers.push(claim(second, fast));
    await setImmediate();
    fast.uncork();
    expect((await relay.logged('server_claimed', { server_id: second })).fields['remote']).toBe(
      '198.51.100.1',
    );
    for (const peer of peers) peer.terminate();
  });

  const block = Buffer.of(10, 1, 2, 3, 127, 0, 0, 1, 0, 1, 0, 2);
  test.each([
    ['missing', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['v1', 'PROXY TCP4 203.0.113.7 127.0.0.1 1 2\r\n'],
    ['local', proxyHeader({ version: 0x20, family: 0, rest: Buffer.alloc(0) })],
    ['unspec', proxyHeader({ family: 0, rest: Buffer.alloc(0) })],
    ['unix', proxyHeader({ family: 0x31, rest: Buffer.alloc(216) })],
    ['malformed', proxyHeader({ family: 0x12, rest: block })],
    ['too_long', proxyHeader({ rest: Buffer.alloc(5_000) })],
  ])('a header that is %s closes the connection with no byte sent, counted by kind', async (fault, bytes) => {
    const before = (await refusals(fault)) ?? 0;
    const tcp = await tcpSocket();
    tcp.write(bytes);
    expect(await received(tcp)).toBe('');
    expect(await refusals(fault)).toBe(before + 1);
    const line = await relay.logged('proxy_header_refused', { err: fault });
    expect(line.fields).toEqual({ remote: '127.0.0.1', source: 'socket', err: fault });
    tcp.destroy();
  });

  test('a peer that leaves in the middle of its header is counted', async () => {
    const before = (await refusals('ended')) ?? 0;
    const tcp = await tcpSocket();
    tcp.end(ipv4Header([203, 0, 113, 7]).subarray(0, 20));
    expect(await received(tcp)).toBe('');
    expect(await refusals('ended')).toBe(before + 1);
  });

  test('a header that is not complete in time closes the connection, and delays nobody else', async () => {
    const before = (await refusals('timeout')) ?? 0;
    const tcp = await tcpSocket();
    tcp.write(ipv4Header([203, 0, 113, 7]).subarray(0, 20));
    const ended = received(tcp);
    const serverId = relay.peers.serverId();
    const other = await tcpSocket();
    other.write(ipv4Header([203, 0, 113, 8]));
    const binary = claim(serverId, other);
    await relay.logged('server_claimed', { server_id: serverId });
    expect(await refusals('timeout')).toBe(before);
    expect(await ended).toBe('');
    expect(await refusals('timeout')).toBe(before + 1);
    binary.terminate();
  });
});
