/** Whatever a peer repeats: the log stays short, and the lines of others are in it. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { floodLog } from '../support/log-flood.ts';
import { binaryHeaders, Peers, phoneHeaders } from '../support/peer.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { headerText } from '../support/unseen.ts';

let relay: RelayProcess;
const peers = new Peers(() => relay.url);
/** All sockets that this process has opened. */
let sockets: Socket[];
const noteSocket = (message: unknown): void => {
  sockets.push((message as { readonly socket: Socket }).socket); // As Node documents the channel.
};
beforeEach(async () => {
  sockets = [];
  subscribe('net.client.socket', noteSocket);
  relay = await RelayProcess.start(['--drain-deadline', '1s']);
});
afterEach(() => {
  unsubscribe('net.client.socket', noteSocket);
  peers.dispose();
  relay.kill();
});

/** Log bytes so far for each byte that we have sent, request heads included. */
const amplificationNow = (): number =>
  Buffer.byteLength(relay.output) / sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);

/** The same, with all that the relay says until it has ended. */
const amplification = async (): Promise<number> => {
  peers.dispose();
  await relay.stop();
  return amplificationNow();
};

const metric = async (cell: string): Promise<number> => {
  const line = (await relay.scrape()).split('\n').find((at) => at.startsWith(`pyrycode_relay_${cell} `));
  return Number(line?.split(' ').at(-1));
};

const MESSAGES = [
  ['a broken envelope', '{}', 'binary_forwarder_unmarshal_err', 'missing_conn_id'],
  ['an unknown conn id', '{"conn_id":"x","frame":1}', 'binary_forwarder_unknown_conn_id', 'unknown_conn_id'],
  ['a push wake', '{"push_wake":true}', 'binary_forwarder_push_wake_dropped', 'push_wake'],
] as const;

type HasServerId = Readonly<Record<'server_id', unknown>>;
const byServerId = (a: HasServerId, b: HasServerId): number =>
  String(a.server_id).localeCompare(String(b.server_id));

/** Each sends fewer than would cost it its connection. */
const BINARIES = 8;
const SENT = 900;

test.each(MESSAGES)(
  'binaries that repeat %s have five lines each and a count, the metrics are exact, and others have their lines',
  async (_, message, event, reason) => {
    const serverIds = Array.from({ length: BINARIES }, () => peers.serverId());
    const binaries = await Promise.all(serverIds.map(async (serverId) => await peers.binary(serverId)));
    const other = peers.serverId();
    await peers.binary(other);
    for (const binary of binaries) for (let i = 0; i < SENT; i++) binary.send(message);
    await peers.phone(other);
    await Promise.all(binaries.map(async (binary) => await binary.roundTrip()));
    expect(await metric(`envelopes_dropped_total{reason="${reason}"}`)).toBe(BINARIES * SENT);
    expect(await metric('log_lines_left_out')).toBe(BINARIES * (SENT - 5));
    for (const binary of binaries) binary.ws.terminate();
    for (const _binary of binaries) await relay.logged('server_released');
    expect(relay.count(event)).toBe(BINARIES * 5);
    const left = serverIds.map((serverId) => ({ event, server_id: serverId, lines: SENT - 5 }));
    expect(relay.lines.filter(({ msg }) => msg === 'lines_left_out').toSorted(byServerId)).toMatchObject(
      left.toSorted(byServerId),
    );
    expect(relay.lines.filter(({ msg }) => msg === 'phone_registered')).toMatchObject([{ server_id: other }]);
    expect(await amplification()).toBeLessThan(0.5);
  },
);

const cycle = async (path: string, headers: Readonly<Record<string, string>>): Promise<void> => {
  const peer = peers.dial(path, headers);
  if ((await peer.status) !== 101) return;
  await peer.close();
};

/** Some at a time: as many dials as the machine can do. */
const repeat = async (count: number, act: (i: number) => Promise<void>): Promise<void> => {
  for (let first = 0; first < count; first += 20)
    await Promise.all(Array.from({ length: 20 }, async (_, i) => await act(first + i)));
};

const DEVICE = { 'X-Pyrycode-Device-Name': headerText('\u0085'.repeat(128)) };

const FLOODS: readonly (readonly [string, (i: number) => Promise<void>])[] = [
  ['phones that register and leave', async () => await cycle('/v1/client', phoneHeaders('in-service'))],
  [
    'phones with a device name that is all escapes',
    async () => await cycle('/v1/client', { ...phoneHeaders('in-service'), ...DEVICE }),
  ],
  ['phones without a binary', async () => await cycle('/v1/client', phoneHeaders('nobody'))],
  ['claimants of a server-id in service', async () => await cycle('/v1/server', binaryHeaders('in-service'))],
  ['dials without a routing header', async () => await cycle('/v1/client', {})],
  [
    'phones that break the protocol',
    async () => {
      const phone = await peers.phone('in-service');
      phone.send('not JSON');
      await phone.closed;
    },
  ],
];

test.each(FLOODS)('%s: less than half a log byte per byte sent', async (_, act) => {
  await peers.binary('in-service');
  await repeat(600, act);
  expect(relay.lines.length).toBeLessThan(300);
  expect(await amplification()).toBeLessThan(0.5);
});

test.each([
  ['phones', async (i: number) => await cycle('/v1/client', phoneHeaders(`x${i}`))],
  ['binaries', async (i: number) => await cycle('/v1/server', binaryHeaders(`x${i}`))],
] as const)(
  '%s of made-up server-ids use up the share of their address, and not that of another',
  async (_, act) => {
    let dials = 0;
    const dialMore = async (): Promise<void> => {
      await repeat(100, async (i) => await act(dials + i));
      dials += 100;
    };
    while ((await metric('log_lines_left_out')) === 0 || amplificationNow() > 0.5) await dialMore();
    const serverId = peers.serverId();
    await peers.binary(serverId, { localAddress: '127.0.2.1' });
    await relay.stop();
    expect(relay.lines.find(({ server_id: at }) => at === serverId)).toMatchObject({ msg: 'server_claimed' });
    expect(relay.lines.find(({ msg }) => msg === 'lines_left_out')).toMatchObject({
      server_id: '',
      remote: '127.0.0.1',
    });
  },
);

test('a log that nobody reads still has room for the end of the relay', async () => {
  relay.child.stdout.pause();
  await floodLog(peers, 320);
  expect(await metric('log_lines_dropped')).toBeGreaterThan(0);
  relay.child.kill('SIGTERM');
  relay.child.stdout.resume();
  await relay.exited;
  expect(relay.count('shutdown signal received; draining')).toBe(1);
});
