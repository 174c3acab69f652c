/** What a connection sends while it is being closed. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clientFrame } from '../support/raw-socket.ts';
import { settle, type WiredPeer, WiredRelay } from '../support/wired-relay.ts';

let relay: WiredRelay;
beforeEach(() => {
  relay = new WiredRelay();
});
afterEach(() => relay.dispose());

const arrives = async (peer: WiredPeer, ...frames: readonly Buffer[]): Promise<void> => {
  for (const frame of frames) peer.wire.arrive(frame);
  await settle();
};
const CODE_4404 = Buffer.of(0x11, 0x34);
/** A new one each time: ws unmasks it in place. */
const close = (): Buffer => clientFrame(CODE_4404, { opcode: 8 });

test('a phone that is refused in the middle of an upload answers the close behind it, and TCP ends', async () => {
  const phone = await relay.dial('phone');
  expect(phone.closed()).toMatchObject({ code: 4404 });
  const upload = clientFrame(Buffer.alloc(100_000));
  await arrives(phone, upload.subarray(0, 60_000));
  expect(phone.hasEnded).toBe(false);
  await arrives(phone, upload.subarray(60_000), upload, close());
  await phone.hangUp();
  expect(phone.hasEnded).toBe(true);
  expect(relay.observed('protocol.violated')).toEqual([]);
});

test('a phone that is dismissed in the middle of a message answers the close behind it, and TCP ends', async () => {
  const binary = await relay.dial('binary');
  const phone = await relay.dial('phone');
  const message = clientFrame(`"${'x'.repeat(1_000)}"`);
  await arrives(phone, message.subarray(0, 500));
  await binary.say(`{"conn_id":"${phone.connId}","close_code":4404}`);
  expect(phone.closed()).toMatchObject({ code: 4404 });
  await arrives(phone, message.subarray(500), close());
  await phone.hangUp();
  expect(phone.hasEnded).toBe(true);
  expect(binary.heard().some((envelope) => envelope.includes('xxx'))).toBe(false);
});

test('data frames of a phone that was refused are skipped, however long or wrong they are', async () => {
  const phone = await relay.dial('phone');
  const wrong = [
    clientFrame(Buffer.alloc(2_000_000)),
    clientFrame('x', { masked: false }),
    clientFrame('x', { rsv1: true }),
    clientFrame('x', { opcode: 0 }),
    clientFrame(Buffer.of(0xff)),
  ];
  await arrives(phone, ...wrong);
  expect(phone.hasEnded).toBe(false);
  await arrives(phone, close());
  await phone.hangUp();
  expect(phone.hasEnded).toBe(true);
  expect(relay.observed('protocol.violated')).toEqual([]);
});

test('a control frame of a phone that was refused is checked', async () => {
  const phone = await relay.dial('phone');
  await phone.breakProtocol();
  expect(relay.observed('protocol.violated')).toHaveLength(1);
});

test('a phone that closes behind a message that is rejected gets the close code of the rejection', async () => {
  await relay.dial('binary');
  const phone = await relay.dial('phone');
  await arrives(phone, Buffer.concat([clientFrame('not JSON'), clientFrame('1'), close()]));
  expect(phone.closed()).toMatchObject({ code: 1000 });
  await phone.hangUp();
  expect(phone.hasEnded).toBe(true);
});
