/** What has been read and cannot be forwarded yet takes memory in proportion to its bytes. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MeasuredRelay } from '../support/measured-relay.ts';
import { Peers, phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';

const READ_BYTES = 64 * 1024;
const MIB = 1024 * 1024;
const [CONTINUATION, TEXT, PONG] = [0, 1, 10];

let relay: MeasuredRelay;
let peers: Peers;
const raws: RawSocket[] = [];
beforeEach(async () => {
  // Nobody is cut for a message that does not end.
  relay = await MeasuredRelay.start({ maxPhones: 0, messageTimeoutMs: 600_000 });
  peers = new Peers(() => relay.url);
});
afterEach(() => {
  for (const raw of raws.splice(0)) raw.destroy();
  peers.dispose();
  relay.kill();
});

const dial = async (path: string, headers: ReturnType<typeof phoneHeaders>): Promise<RawSocket> => {
  const raw = await new RawSocket(Number(new URL(relay.url.replace('ws:', 'http:')).port)).upgrade(
    path,
    headers,
  );
  raws.push(raw);
  return raw;
};

const filler = clientFrame('x'.repeat(120), { opcode: PONG });
/** About one read: pongs, and one byte of a message that never ends. */
const FRAGMENT_IN_A_READ = Buffer.concat([
  ...Array.from({ length: Math.floor(READ_BYTES / filler.length) }, () => filler),
  clientFrame('x', { opcode: CONTINUATION, fin: false }),
]);
/** How often a phone sends it, well below the pongs that close a phone. */
const READS = 3;

/** Begins a message and sends fragments of one byte. Resolves when the kernel has taken them. */
const sendFragments = async (raw: RawSocket, reads: number): Promise<void> => {
  raw.send('"', { opcode: TEXT, fin: false });
  for (let i = 0; i < reads; i++) {
    await new Promise<void>((resolve, reject) => {
      raw.socket.write(FRAGMENT_IN_A_READ, (error) => (error ? reject(error) : resolve()));
    });
  }
};

/** The kernel's buffers bring what was sent in several turns. */
const POLL = { interval: 50 };

const PHONES = 300;
const dialPhones = async (serverId: string, count: number): Promise<RawSocket[]> => {
  const phones: RawSocket[] = [];
  // One after another: a full accept queue of the kernel delays a dial by a second.
  for (let i = 0; i < count; i++) phones.push(await dial('/v1/client', phoneHeaders(serverId)));
  return phones;
};

test('fragments of one byte do not hold the reads that they came in', async () => {
  const serverId = peers.serverId();
  await peers.binary(serverId);
  const phones = await dialPhones(serverId, PHONES);
  const before = await relay.liveBytes();
  for (const phone of phones) await sendFragments(phone, READS);
  // With their reads, the fragments hold 56 MiB as long as their phones are connected.
  await expect.poll(async () => (await relay.liveBytes()) - before, POLL).toBeLessThan(10 * MIB);
  expect(phones.filter(({ socket }) => socket.closed)).toEqual([]);
});

const REFUSED = 8;
const MANY_READS = 400;

test('nor do those of phones that were refused and do not answer the close', async () => {
  const phones = await dialPhones(peers.serverId(), REFUSED);
  for (const phone of phones) expect(await phone.closeCode()).toBe(4404);
  const before = await relay.liveBytes();
  let mostBytes = 0;
  const sending = { isOver: false };
  // Those that take longer than the close timeout are cut, so what they hold is looked at meanwhile.
  const sent = Promise.allSettled(phones.map(async (phone) => await sendFragments(phone, MANY_READS))).then(
    () => (sending.isOver = true),
  );
  while (!sending.isOver) mostBytes = Math.max(mostBytes, (await relay.liveBytes()) - before);
  await sent;
  expect(mostBytes).toBeLessThan(5 * MIB);
});
