import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { PROXY_HEADER_TIMEOUT_MS } from '../../src/protocol/request-limits.ts';
import { peerOf } from '../../src/transport/peer-of.ts';
import { type ProxyFault, proxyHeaderStage } from '../../src/transport/proxy-header-stage.ts';
import { ipv4Header } from '../support/proxy-header.ts';

const named: Socket[] = [];
const onNamed = (socket: Socket): void => void named.push(socket);

const server = createServer();
afterEach(() => server.close());

/** Two ends of a connection. */
const dial = async (): Promise<readonly [client: Socket, accepted: Socket]> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not bound');
  const client = connect(address.port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket]; // As documented.
  return [client, accepted];
};

test('the header of a peer that is no trusted proxy is not read, and names nobody', async () => {
  const [client, accepted] = await dial();
  const faults: (readonly [ProxyFault, string])[] = [];
  const asked: string[] = [];
  client.write(ipv4Header([203, 0, 113, 7]));
  const isTrusted = (address: string): boolean => {
    asked.push(address);
    return false;
  };
  const onRefused = (fault: ProxyFault, remote: string): void => void faults.push([fault, remote]);
  proxyHeaderStage({ isTrusted, onNamed, onRefused })(accepted, () => faults.push(['missing', 'passed']));
  client.on('error', () => {});
  await new Promise((resolve) => client.on('close', resolve).resume());
  expect([asked, faults]).toEqual([['127.0.0.1'], [['untrusted', '127.0.0.1']]]);
  expect(named).toEqual([]);
});

test('a socket without a header has its own address, and one with a header the address that it names', async () => {
  const [client, accepted] = await dial();
  expect(peerOf(accepted)).toEqual({ address: '127.0.0.1', source: 'socket' });
  client.write(Buffer.concat([ipv4Header([203, 0, 113, 7]), Buffer.from('rest')]));
  const passed = await new Promise<Socket>((resolve) => {
    proxyHeaderStage({ isTrusted: () => true, onNamed, onRefused: () => {} })(accepted, resolve);
  });
  expect(peerOf(passed)).toEqual({ address: '203.0.113.7', source: 'proxy_protocol' });
  expect(named.splice(0)).toEqual([accepted]);
  const [rest] = (await once(passed.resume(), 'data')) as [Buffer]; // As documented.
  expect(rest.toString()).toBe('rest');
  client.destroy();
  passed.destroy();
});

test('a header that came in time is read, although the event loop stalls beyond the deadline', async () => {
  const [client, accepted] = await dial();
  const outcome = new Promise<string>((resolve) => {
    proxyHeaderStage({ isTrusted: () => true, onNamed, onRefused: resolve })(accepted, (passed) =>
      resolve(peerOf(passed).address),
    );
  });
  client.write(ipv4Header([203, 0, 113, 7]));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PROXY_HEADER_TIMEOUT_MS + 200);
  expect(await outcome).toBe('203.0.113.7');
  client.destroy();
  accepted.destroy();
});

test('a peer that has reset the connection before its turn came has left, and is no untrusted proxy', () => {
  const faults: (readonly [ProxyFault, string])[] = [];
  const onRefused = (fault: ProxyFault, remote: string): void => void faults.push([fault, remote]);
  // Like one that was reset, a socket that is not connected has no remote address.
  const gone = new Socket();
  proxyHeaderStage({ isTrusted: (address) => address === '127.0.0.1', onNamed, onRefused })(gone, () => {});
  expect(faults).toEqual([['ended', '']]);
  expect(gone.destroyed).toBe(true);
});
