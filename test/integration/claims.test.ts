/** L4: claims of a held server-id, over real sockets (spec section 3, "Conflict probe/takeover"). */
import { afterEach, describe, expect, test } from 'vitest';
import { binaryHeaders, type Peer } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
afterEach(() => relay.dispose());

/** An incumbent that never answers a ping, with one phone. */
const silentIncumbent = async (serverId: string): Promise<{ incumbent: Peer; phone: Peer }> => {
  const incumbent = await relay.peers.binary(serverId, { autoPong: false });
  const { phone } = await relay.peers.knownPhone(serverId, incumbent);
  return { incumbent, phone };
};

describe('an incumbent that does not answer', () => {
  test('TestServerEndpoint_UnresponsiveIncumbent_TakenOver', async () => {
    relay = await TestRelay.start({ probeTimeoutMs: 300, graceMs: 200 });
    const serverId = relay.peers.serverId();
    const { incumbent, phone } = await silentIncumbent(serverId);
    const startedAt = performance.now();
    const newcomer = await relay.peers.dialBinary(serverId).open();
    expect(await phone.closed).toEqual({ code: 4404, reason: 'binary reclaimed server-id' });
    expect(performance.now() - startedAt).toBeGreaterThan(250);
    expect(await incumbent.closed).toEqual({ code: 1011, reason: 'heartbeat timeout' });
    const takeover = await relay.logged('server_id_takeover', { server_id: serverId });
    expect(Object.keys(takeover.fields).toSorted()).toEqual(['remote', 'server_id']);
    await relay.logged('server_claimed', { server_id: serverId });
    // After three grace periods the newcomer still holds: the displaced incumbent started no grace timer.
    await new Promise((resolve) => setTimeout(resolve, 600));
    await relay.peers.knownPhone(serverId, newcomer);
    expect(relay.events('server_released')).toEqual([]);
    expect(await relay.metric('takeovers_total')).toBe(1);
  });

  test('messages held for the newcomer are delivered in order after its admission', async () => {
    relay = await TestRelay.start({ probeTimeoutMs: 300 });
    const serverId = relay.peers.serverId();
    await silentIncumbent(serverId);
    const raw = await new RawSocket(relay.port).upgrade('/v1/server', binaryHeaders(serverId));
    const early = Array.from({ length: 5 }, (_, i) =>
      clientFrame(`{"conn_id":"c-${'0'.repeat(15)}${i}","frame":1}`),
    );
    raw.write(Buffer.concat(early));
    await relay.logged('server_id_takeover', { server_id: serverId });
    for (let i = 0; i < 5; i++) {
      const line = await relay.logged('binary_forwarder_unknown_conn_id', { server_id: serverId });
      expect(line.fields['conn_id']).toBe(`c-${'0'.repeat(15)}${i}`);
    }
    const phone = await relay.peers.phone(serverId);
    phone.send('"hello"');
    expect((await raw.frame())?.payload.toString()).toContain('"hello"');
    raw.destroy();
  });

  test('the first in line takes over, the others get 4409', async () => {
    relay = await TestRelay.start({ probeTimeoutMs: 400 });
    const serverId = relay.peers.serverId();
    await silentIncumbent(serverId);
    const first = await relay.peers.dialBinary(serverId).open();
    const second = await relay.peers.dialBinary(serverId).open();
    expect(await second.closed).toEqual({ code: 4409, reason: 'server-id already claimed' });
    await relay.peers.knownPhone(serverId, first);
  });

  test.each(['close', 'terminate'] as const)(
    'a claimant that leaves by %s loses its place in line',
    async (how) => {
      relay = await TestRelay.start({ probeTimeoutMs: 500 });
      const serverId = relay.peers.serverId();
      await silentIncumbent(serverId);
      const first = await relay.peers.dialBinary(serverId).open();
      const second = await relay.peers.dialBinary(serverId).open();
      first.ws[how]();
      await first.closed;
      await relay.logged('server_id_takeover', { server_id: serverId });
      await relay.peers.knownPhone(serverId, second);
    },
  );

  test('a claimant that has sent its close frame leaves the line even if it keeps TCP open', async () => {
    relay = await TestRelay.start({ probeTimeoutMs: 500 });
    const serverId = relay.peers.serverId();
    await silentIncumbent(serverId);
    const ghost = await new RawSocket(relay.port).upgrade('/v1/server', binaryHeaders(serverId));
    const second = await relay.peers.dialBinary(serverId).open();
    ghost.send(Buffer.from([0x03, 0xe8]), { opcode: 8 });
    expect(await ghost.closeCode()).toBe(1000);
    await relay.logged('server_id_takeover', { server_id: serverId });
    await relay.peers.knownPhone(serverId, second);
    ghost.destroy();
  });

  test('if the incumbent leaves during the probe, the first in line reclaims the server-id', async () => {
    relay = await TestRelay.start({ probeTimeoutMs: 10_000 });
    const serverId = relay.peers.serverId();
    const { incumbent, phone } = await silentIncumbent(serverId);
    const newcomer = await relay.peers.dialBinary(serverId).open();
    incumbent.ws.terminate();
    expect(await phone.closed).toEqual({ code: 4404, reason: 'binary reclaimed server-id' });
    await relay.peers.knownPhone(serverId, newcomer);
    expect(relay.events('server_id_takeover')).toEqual([]);
    expect(relay.events('server_claimed')).toHaveLength(2);
  });

  test('at most 16 claimants stand in line: the 17th gets 4409 at once', async () => {
    relay = await TestRelay.start({ probeTimeoutMs: 10_000 });
    const serverId = relay.peers.serverId();
    await silentIncumbent(serverId);
    const waiting = [];
    for (let i = 0; i < 16; i++) waiting.push(await relay.peers.dialBinary(serverId).open());
    const tooMany = await relay.peers.dialBinary(serverId).open();
    expect((await tooMany.closed).code).toBe(4409);
    expect(waiting.every(({ ws }) => ws.readyState === ws.OPEN)).toBe(true);
  });

  test('a claimant that floods while in line is stopped by TCP back-pressure, without using memory', async () => {
    relay = await TestRelay.start({ probeTimeoutMs: 2_000 });
    const serverId = relay.peers.serverId();
    await silentIncumbent(serverId);
    const raw = await new RawSocket(relay.port).upgrade('/v1/server', binaryHeaders(serverId));
    const frame = clientFrame(`{"conn_id":"","frame":"${'x'.repeat(200_000)}"}`);
    const before = process.memoryUsage().arrayBuffers;
    // Far more than the kernel's buffers hold: the rest stays with the sender.
    for (let i = 0; i < 200; i++) raw.write(frame);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const unsent = raw.socket.writableLength;
    expect(unsent).toBeGreaterThan(20_000_000);
    expect(process.memoryUsage().arrayBuffers - before - unsent).toBeLessThan(20_000_000);
    raw.destroy();
  });
});

describe('an incumbent that answers', () => {
  test('keeps its server-id and phones through repeated claims', async () => {
    relay = await TestRelay.start();
    const serverId = relay.peers.serverId();
    const incumbent = await relay.peers.binary(serverId);
    const { phone, connId } = await relay.peers.knownPhone(serverId, incumbent);
    for (let i = 0; i < 5; i++) {
      const claimant = await relay.peers.dialBinary(serverId).open();
      expect((await claimant.closed).code).toBe(4409);
    }
    incumbent.send(JSON.stringify({ conn_id: connId, frame: 'mine' }));
    expect(await phone.next()).toBe('"mine"');
    expect(await relay.metric('ws_upgrade_attempts_total{endpoint="server",outcome="reject_409"}')).toBe(5);
    expect(await relay.metric('register_failures_total{kind="server_in_use"}')).toBe(5);
  });

  test('…_StalledPhone_LiveIncumbentKeepsSlot: passes the probe although a phone of its reads nothing', async () => {
    relay = await TestRelay.start({ probeTimeoutMs: 3_000 });
    const serverId = relay.peers.serverId();
    const incumbent = await relay.peers.binary(serverId);
    const { phone, connId } = await relay.peers.knownPhone(serverId, incumbent);
    phone.ws.pause();
    const frame = JSON.stringify({ conn_id: connId, frame: 'x'.repeat(100_000) });
    for (let i = 0; i < 30; i++) incumbent.send(frame);
    const claimant = await relay.peers.dialBinary(serverId).open();
    expect((await claimant.closed).code).toBe(4409);
    expect(await relay.health()).toEqual({ binaries: 1, phones: 1 });
  });
});

test('20 binaries claiming one server-id at once: exactly one stays', async () => {
  relay = await TestRelay.start();
  const serverId = relay.peers.serverId();
  const claimants = Array.from({ length: 20 }, () => relay.peers.dialBinary(serverId));
  const codes = await Promise.all(
    claimants.map(async (claimant) => {
      await claimant.open();
      return await Promise.race([
        claimant.closed.then(({ code }) => code),
        new Promise<'stays'>((resolve) => setTimeout(() => resolve('stays'), 2_000)),
      ]);
    }),
  );
  expect(codes.filter((code) => code === 'stays')).toHaveLength(1);
  expect(codes.filter((code) => code === 4409)).toHaveLength(19);
  expect(await relay.health()).toEqual({ binaries: 1, phones: 0 });
});

test('60 phones dialling one server-id at once: exactly 16 stay (seed 6)', async () => {
  relay = await TestRelay.start();
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const phones = Array.from({ length: 60 }, () => relay.peers.dialPhone(serverId));
  const refused = await Promise.all(
    phones.map(async (phone) => {
      await phone.open();
      return await Promise.race([
        phone.closed.then(({ code }) => code),
        new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 2_000)),
      ]);
    }),
  );
  expect(refused.filter((code) => code === undefined)).toHaveLength(16);
  expect(refused.filter((code) => code === 4429)).toHaveLength(44);
  expect(await relay.health()).toEqual({ binaries: 1, phones: 16 });
  expect(await relay.metric('register_failures_total{kind="phones_at_cap"}')).toBe(44);
  await binary.roundTrip();
  expect(binary.inbox.size).toBe(0);
});
