/** L9: no token, header, payload byte or push token appears in any output of the relay. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { binaryHeaders, Peers, phoneHeaders } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { RelayProcess } from '../support/relay-process.ts';

const SECRET = 'SECRET-e6b1';

let relay: RelayProcess;
const peers = new Peers(() => relay.url);
beforeAll(async () => {
  relay = await RelayProcess.start([
    ...['--max-phones', '2', '--grace', '300ms', '--probe-timeout', '300ms', '--message-timeout', '1s'],
    ...['--heartbeat-interval', '300ms', '--heartbeat-timeout', '300ms'],
    ...['--max-frame-bytes', '4KiB', '--phone-backlog-bytes', '5KiB'],
  ]);
});
afterAll(() => {
  peers.dispose();
  relay.kill();
});

const secretPhone = (serverId: string): Record<string, string> => ({
  ...phoneHeaders(serverId),
  'X-Pyrycode-Token': SECRET,
  'User-Agent': SECRET,
  Cookie: SECRET,
  Authorization: `Bearer ${SECRET}`,
});

test('secrets sent over every input path appear in no output', async () => {
  const port = Number(new URL(relay.url.replace('ws:', 'http:')).port);
  const serverId = peers.serverId();

  // Refusals before and after the upgrade.
  const noServer = new RawSocket(port);
  noServer.request('GET', '/v1/client', [['X-Pyrycode-Token', SECRET]]);
  expect((await noServer.answer()).status).toBe(400);
  const badHandshake = new RawSocket(port);
  badHandshake.request('GET', `/v1/client?${SECRET}`, [
    ...Object.entries(secretPhone(serverId)),
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Key', SECRET],
  ]);
  expect((await badHandshake.answer()).status).toBe(400);
  const garbage = new RawSocket(port);
  garbage.write(`${SECRET}\r\n\r\n`);
  await garbage.ended;
  const early = await peers.dial('/v1/client', secretPhone(serverId)).open();
  expect((await early.closed).code).toBe(4404);

  // Malformed input on both legs.
  const binary = await peers.dial('/v1/server', { ...binaryHeaders(serverId), 'X-Secret': SECRET }).open();
  await binary.roundTrip();
  const malformed = [
    SECRET,
    `{"conn_id":"${SECRET}","frame":"${SECRET}"}`,
    `{"conn_id":"${SECRET}","close_code":"${SECRET}"}`,
    `{"${SECRET}":1}`,
    `{"push_wake":{"platform":"fcm","token":"${SECRET}"}}`,
    `{"conn_id":"","frame":"${SECRET}"}`,
  ];
  for (const message of malformed) binary.send(message);
  for (const message of [SECRET, `{"${SECRET}":`, `"${SECRET}" "${SECRET}"`]) {
    const phone = await peers.dial('/v1/client', secretPhone(serverId)).open();
    phone.send(message);
    expect((await phone.closed).code).toBe(1000);
  }
  const notUtf8 = await new RawSocket(port).upgrade('/v1/client', secretPhone(serverId));
  notUtf8.send(Buffer.concat([Buffer.from(SECRET), Buffer.from([0xff])]), { opcode: 2 });
  expect(await notUtf8.closeCode()).toBe(1007);
  const protocolError = await new RawSocket(port).upgrade('/v1/client', secretPhone(serverId));
  protocolError.send(SECRET, { opcode: 5 });
  expect(await protocolError.closeCode()).toBe(1002);
  const stalled = await new RawSocket(port).upgrade('/v1/client', secretPhone(serverId));
  stalled.write(Buffer.concat([Buffer.from([0x81, 0xff]), Buffer.from(SECRET)]));
  await stalled.ended;

  // Forwarded frames, close reasons, directives, an overflow, the cap.
  const phone = await peers.dial('/v1/client', secretPhone(serverId)).open();
  phone.send(JSON.stringify(SECRET));
  await relay.logged('phone_registered');
  let connId = '';
  while (connId === '') {
    const envelope = await binary.nextEnvelope();
    if (envelope.frame === SECRET) connId = envelope.conn_id;
  }
  const second = await peers.dial('/v1/client', secretPhone(serverId)).open();
  const third = await peers.dial('/v1/client', secretPhone(serverId)).open();
  expect((await third.closed).code).toBe(4429);
  const large = `{"conn_id":"${connId}","frame":"${SECRET.repeat(300)}"}`;
  binary.sendTogether([large, large]);
  expect((await phone.closed).code).toBe(1011);
  second.ws.close(4000, SECRET);
  await second.closed;

  // A conflict, a takeover, grace.
  const claimant = await peers.dial('/v1/server', { ...binaryHeaders(serverId), Cookie: SECRET }).open();
  expect((await claimant.closed).code).toBe(4409);
  const inGrace = await peers.dial('/v1/client', secretPhone(serverId)).open();
  binary.ws.close(4001, SECRET);
  await relay.logged('server_released');
  inGrace.send(JSON.stringify(SECRET));
  expect((await inGrace.closed).code).toBe(4404);
  await relay.logged('server_grace_expired');

  const scrape = await relay.scrape();
  const health = JSON.stringify(await relay.health());
  for (const raw of [noServer, badHandshake, garbage, notUtf8, protocolError, stalled]) raw.destroy();
  expect(await relay.stop()).toBe(0);

  expect(relay.lines.length).toBeGreaterThan(20);
  for (const text of [relay.output, scrape, health]) {
    expect(text).not.toContain('SECRET');
    expect(text).not.toContain(Buffer.from(SECRET).toString('base64'));
  }
  expect(scrape).not.toContain(serverId);
  expect(scrape).not.toMatch(/c-[0-9a-f]{16}/);
});
