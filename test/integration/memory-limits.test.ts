/** What a peer, an operator and a scrape see of the bounds of memory. */
import { afterEach, expect, test } from 'vitest';
import { CROWD_LANES } from '../../src/protocol/limits.ts';
import { binaryHeaders, phoneHeaders } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
afterEach(() => relay.dispose());

const dial = async (path: string, headers: ReturnType<typeof phoneHeaders>) => {
  const raw = new RawSocket(relay.port);
  raw.request('GET', path, RawSocket.handshakeHeaders(headers));
  const answer = await raw.answer();
  raw.destroy();
  return answer;
};

/** What the first refusal for this limit has in the log, and how many were counted. */
const refusalsFor = async (limit: string) => ({
  line: (await relay.logged('admission_refused', { limit })).fields,
  counted: await relay.metric(`admission_refusals_total{limit="${limit}"}`),
});

test('a new server-id beyond the bound gets 503; phones, and binaries that come back, do not', async () => {
  relay = await TestRelay.start({ maxServerIds: 1, graceMs: 60_000 });
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const refused = await dial('/v1/server', binaryHeaders('another'));
  expect(refused.status).toBe(503);
  expect(refused.head).toMatch(/^retry-after: (1\d|20)\r?$/im);
  expect(await refusalsFor('max_server_ids')).toEqual({
    line: { limit: 'max_server_ids', remote: '127.0.0.1', source: 'socket', path: '/v1/server' },
    counted: 1,
  });
  await relay.peers.phone(serverId);
  binary.ws.close();
  await relay.logged('server_released');
  expect(await relay.metric('server_ids')).toBe(1);
  expect((await dial('/v1/server', binaryHeaders('another'))).status).toBe(503);
  await relay.peers.binary(serverId);
});

test('above the memory watermark nobody is let in, those who are stay, and the log and the metrics say so', async () => {
  relay = await TestRelay.start({ memoryWatermarkBytes: 1 });
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  await relay.logged('memory_watermark_reached', { watermark: 1 });
  const refused = await dial('/v1/client', phoneHeaders(serverId));
  expect(refused.status).toBe(503);
  expect(refused.head).toMatch(/^retry-after: (1\d|20)\r?$/im);
  expect(await refusalsFor('memory')).toEqual({
    line: { limit: 'memory', remote: '127.0.0.1', source: 'socket', path: '/v1/client' },
    counted: 1,
  });
  await binary.roundTrip();
  expect(await relay.metric('memory_watermark_crossings_total')).toBe(1);
  expect(await relay.metric('memory_watermark_bytes')).toBe(1);
  expect(await relay.health()).toMatchObject({ binaries: 1 });
  const watermarkBytes = 1024 ** 4;
  await relay.reload({ memoryWatermarkBytes: watermarkBytes });
  const left = await relay.logged('memory_watermark_left', { watermark: watermarkBytes });
  expect(left).toMatchObject({ level: 'info', fields: { bytes: expect.any(Number) } });
  await relay.peers.phone(serverId);
});

test('the connection that holds most is closed, logged with its address, and counted', async () => {
  relay = await TestRelay.start({ totalBacklogBytes: 1024 * 1024 });
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
  phone.ws.pause();
  const frame = `{"conn_id":"${connId}","frame":"${'x'.repeat(200_000)}"}`;
  for (let i = 0; i < 100; i++) binary.send(frame);
  const { fields } = await relay.logged('connection_shed');
  expect(fields).toMatchObject({
    server_id: serverId,
    conn_id: connId,
    remote: '127.0.0.1',
    source: 'socket',
    limit: 'total_backlog',
  });
  expect(await binary.nextEnvelope()).toMatchObject({ conn_id: connId, close_code: 1011 });
  expect(await relay.metric('connections_shed_total{limit="total_backlog",role="phone"}')).toBe(1);
  expect(await relay.metric('connections_left_total{role="phone",cause="relay_backlog_full"}')).toBe(1);
  expect(await relay.metric('reader_rests_total{reason="backlog"}')).toBeGreaterThan(0);
  expect(await relay.metric('reader_rests_total{reason="crowd"}')).toBe(0);
  expect(await relay.metric('internal_faults_total')).toBe(0);
});

test('many phones that flood rest, which is counted, and nothing of theirs is lost', async () => {
  relay = await TestRelay.start();
  const { peers } = relay;
  const FRAMES = 20;
  const pairs = await Promise.all(
    Array.from({ length: CROWD_LANES + 4 }, async () => {
      const serverId = peers.serverId();
      const binary = await peers.binary(serverId);
      const { phone } = await peers.knownPhone(serverId, binary);
      return { binary, phone };
    }),
  );
  const frame = `"${'x'.repeat(60_000)}"`;
  for (const { phone } of pairs) for (let i = 0; i < FRAMES; i++) phone.send(frame);
  for (const { binary } of pairs) {
    for (let i = 0; i < FRAMES; i++) expect(await binary.nextEnvelope()).toHaveProperty('frame');
  }
  expect(await relay.metric('reader_rests_total{reason="crowd"}')).toBeGreaterThan(0);
  expect(await relay.metric('reader_rests_total{reason="backlog"}')).toBe(0);
});

test('a reload changes the bounds: the gauges have the new ones, and a server-id beyond the new number gets 503', async () => {
  const MIB = 1024 * 1024;
  relay = await TestRelay.start({
    totalBacklogBytes: 8 * MIB,
    memoryWatermarkBytes: 0,
    maxServerIds: 2,
    serverIdBytesPerSecond: 0,
  });
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const bounds = async () => [
    await relay.metric('backlog_limit_bytes'),
    await relay.metric('memory_watermark_bytes'),
  ];
  expect(await bounds()).toEqual([8 * MIB, 0]);
  const reloaded = await relay.reload({
    totalBacklogBytes: 16 * MIB,
    memoryWatermarkBytes: 1024 * 1024 * MIB,
    maxServerIds: 1,
    serverIdBytesPerSecond: MIB,
  });
  expect(reloaded).toEqual({
    changed: [
      `total-backlog-bytes ${8 * MIB} to ${16 * MIB}`,
      `memory-watermark 0 to ${1024 * 1024 * MIB}`,
      'max-server-ids 2 to 1',
      `server-id-bytes-per-second 0 to ${MIB}`,
    ],
    needRestart: [],
  });
  expect(await bounds()).toEqual([16 * MIB, 1024 * 1024 * MIB]);
  expect((await dial('/v1/server', binaryHeaders('another'))).status).toBe(503);
  await binary.roundTrip();
});
