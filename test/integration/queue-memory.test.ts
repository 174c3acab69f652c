/** A queue that waits for a slow peer costs the process about what it is charged, and not the buffers it was read from. */
import { afterEach, expect, test } from 'vitest';
import {
  BINARY_QUEUE_HIGH_BYTES,
  DEFAULT_MAX_PHONES,
  FRAME_OVERHEAD_BYTES,
  MAX_PENDING_PONGS,
  READ_SHARE_BYTES,
} from '../../src/protocol/limits.ts';
import { MeasuredRelay } from '../support/measured-relay.ts';
import { Peers } from '../support/peer.ts';

const MIB = 1_024 * 1_024;
/** What compiled code and the like add to the heap meanwhile. */
const NOISE_BYTES = 1.5 * MIB;
/** No peer of these tests is closed for not reading. */
const PATIENCE_MS = 600_000;

let relay: MeasuredRelay;
const peers = new Peers(() => relay.url);
afterEach(() => {
  peers.dispose();
  relay.kill();
});

const frameTo = (connId: string, frame: string): string => `{"conn_id":"${connId}","frame":${frame}}`;
const filler = (bytes: number): string => `"${'x'.repeat(bytes - 2)}"`;

/** The conn id of a phone that has registered and whose frames arrive. */
const pairUp = async (serverId: string) => {
  const binary = await peers.binary(serverId);
  const { phone, connId } = await peers.knownPhone(serverId, binary);
  return { binary, phone, connId };
};

test.each([10, 1_000])(
  'frames of %i bytes for a stalled phone, one a turn, while others exchange frames: at most twice their charge',
  async (bytes) => {
    relay = await MeasuredRelay.start({
      writeTimeoutMs: PATIENCE_MS,
      heartbeatIntervalMs: PATIENCE_MS,
      phoneBacklogBytes: 64 * MIB,
    });
    const stalled = await pairUp('stalled');
    const others = await pairUp('others');
    stalled.phone.ws.pause();
    // More than the kernel takes: from now on, everything waits in the relay.
    for (let i = 0; i < 200; i++) stalled.binary.send(frameTo(stalled.connId, filler(60_000)));
    await stalled.binary.roundTrip();
    const before = await relay.liveBytes();
    // Each turn takes a ping, of which a peer may send 2,000 in 10 s.
    const frames = 1_500;
    const frame = frameTo(stalled.connId, filler(bytes));
    const other = frameTo(others.connId, filler(1_500));
    for (let i = 0; i < frames; i++) {
      stalled.binary.send(frame);
      for (let k = 0; k < 2; k++) others.binary.send(other);
      await Promise.all([stalled.binary.roundTrip(), others.binary.roundTrip()]);
    }
    const grown = (await relay.liveBytes()) - before;
    expect(grown).toBeLessThan(2 * frames * (bytes + FRAME_OVERHEAD_BYTES) + NOISE_BYTES);
  },
);

test('the pongs for phones that do not read them do not hold the reads that their pings came in', async () => {
  relay = await MeasuredRelay.start({
    writeTimeoutMs: PATIENCE_MS,
    heartbeatIntervalMs: PATIENCE_MS,
    phoneBacklogBytes: 64 * MIB,
  });
  const deaf = await Promise.all(Array.from({ length: 8 }, (_, i) => pairUp(`deaf-${i}`)));
  for (const { phone, binary, connId } of deaf) {
    phone.ws.pause();
    // More than the kernel takes: from now on, pongs wait in the relay.
    for (let i = 0; i < 100; i++) binary.send(frameTo(connId, filler(60_000)));
    await binary.roundTrip();
  }
  const before = await relay.liveBytes();
  // One write, so that a ping ends the read of a frame.
  for (let i = 0; i < MAX_PENDING_PONGS; i++) {
    for (const { phone, binary } of deaf) {
      phone.corked(() => {
        phone.send(filler(64_000));
        phone.ws.ping('x'.repeat(100));
      });
      await binary.nextEnvelope();
    }
  }
  // Each read held for a pong would be 64 KB of 480.
  expect((await relay.liveBytes()) - before).toBeLessThan(4 * MIB);
});

test('a deaf binary with all its phones: its queue, what each had read when it was paused, and two reads more', async () => {
  relay = await MeasuredRelay.start({ writeTimeoutMs: PATIENCE_MS, heartbeatIntervalMs: PATIENCE_MS });
  const serverId = 'deaf';
  const binary = await peers.binary(serverId);
  const phones = await Promise.all(Array.from({ length: DEFAULT_MAX_PHONES }, () => peers.phone(serverId)));
  await Promise.all(phones.map((phone) => phone.roundTrip()));
  const before = await relay.liveBytes();
  binary.ws.pause();
  const frame = filler(20_000);
  for (let i = 0; i < 400; i++) for (const phone of phones) phone.send(frame);
  // Everything that the relay reads has been read once its memory no longer changes and phones have bytes left.
  let live = 0;
  for (let now = await relay.liveBytes(); Math.abs(now - live) > MIB / 16; now = await relay.liveBytes()) {
    live = now;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(phones.some(({ ws }) => ws.bufferedAmount > 0)).toBe(true);
  const reads = 3 * DEFAULT_MAX_PHONES * (READ_SHARE_BYTES + 2_048);
  expect(live - before).toBeLessThan(BINARY_QUEUE_HIGH_BYTES + reads + NOISE_BYTES);
});
