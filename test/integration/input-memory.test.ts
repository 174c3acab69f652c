/** How much memory the daemon takes for what it has read and cannot forward yet. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Peers, phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { RelayProcess } from '../support/relay-process.ts';

const READ_BYTES = 64 * 1024;
const [CONTINUATION, TEXT, PONG] = [0, 1, 10];

let daemon: RelayProcess;
let peers: Peers;
const raws: RawSocket[] = [];
beforeEach(async () => {
  daemon = await RelayProcess.start();
  peers = new Peers(() => daemon.url);
});
afterEach(() => {
  for (const raw of raws.splice(0)) raw.destroy();
  peers.dispose();
  daemon.kill();
});

const residentMiB = (): number => {
  const status = readFileSync(`/proc/${daemon.child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
};

const dial = async (path: string, headers: ReturnType<typeof phoneHeaders>): Promise<RawSocket> => {
  const raw = await new RawSocket(Number(new URL(daemon.url.replace('ws:', 'http:')).port)).upgrade(
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
const FRAGMENTS = 400;

/** Begins a message and sends it in fragments of one byte. Resolves when the kernel has taken them. */
const sendFragments = async (raw: RawSocket): Promise<void> => {
  raw.send('"', { opcode: TEXT, fin: false });
  for (let i = 0; i < FRAGMENTS; i++) {
    await new Promise<void>((resolve, reject) => {
      raw.socket.write(FRAGMENT_IN_A_READ, (error) => (error ? reject(error) : resolve()));
    });
  }
};

const PHONES = 8;

test('fragments of one byte do not hold the reads that they came in', async () => {
  const serverId = peers.serverId();
  await peers.binary(serverId);
  const phones = await Promise.all(
    Array.from({ length: PHONES }, () => dial('/v1/client', phoneHeaders(serverId))),
  );
  const before = residentMiB();
  // So many pongs close them in the end.
  await Promise.allSettled(phones.map(sendFragments));
  // With their reads, they take 200 MiB.
  expect(residentMiB() - before).toBeLessThan(80);
}, 40_000);

test('nor do those of phones that were refused and do not answer the close', async () => {
  const phones = await Promise.all(
    Array.from({ length: PHONES }, () => dial('/v1/client', phoneHeaders(peers.serverId()))),
  );
  for (const phone of phones) expect(await phone.closeCode()).toBe(4404);
  const before = residentMiB();
  // Those that take longer than the close timeout are cut.
  await Promise.allSettled(phones.map(sendFragments));
  expect(residentMiB() - before).toBeLessThan(80);
}, 40_000);
