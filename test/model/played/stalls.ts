/** Peers that take nothing of what is sent to them, or do not end what they send. */
import { expect } from 'vitest';
import { clientFrame, type RawSocket } from '../../support/raw-socket.ts';
import type { TestRelay } from '../../support/relay.ts';
import { closeFrame, dismiss, fill, flood, PING, PONG, rawPair, until, untilIn } from './played-peers.ts';

const WRITING = 'connection.closing.writing';
const ANSWERING = 'connection.closing.answering';

/** The payloads of the next pings, which are not answered. */
const readPings = async (raw: RawSocket, count: number): Promise<Buffer[]> => {
  const payloads: Buffer[] = [];
  while (payloads.length < count) {
    const frame = await raw.frame();
    if (frame === undefined) throw new Error('TCP ended before the pings came');
    if (frame.opcode === PING) payloads.push(frame.payload);
  }
  return payloads;
};

/** Answers two pings late: one while the close frame waits for the network, and one after. */
const acknowledgeLate = async (relay: TestRelay): Promise<void> => {
  const { raw, binary, connId } = await rawPair(relay);
  const flooded = flood(binary, connId);
  const [first = Buffer.of(), second = Buffer.of()] = await readPings(raw, 2);
  raw.socket.pause();
  await flooded;
  await untilIn(relay, connId, WRITING);
  raw.send(first, { opcode: PONG });
  await untilIn(relay, connId, ANSWERING);
  raw.send(second, { opcode: PONG });
  raw.socket.resume();
  expect(await raw.closeCode()).toBe(1011);
  raw.write(closeFrame(1011));
  await raw.ended;
  raw.destroy();
};

const stallBinary = async (relay: TestRelay): Promise<void> => {
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const phone = await relay.peers.phone(serverId);
  binary.ws.pause();
  const frame = `"${'x'.repeat(80_000)}"`;
  for (let sent = 0; sent < 200; sent++) phone.send(frame);
  await until(
    async () => (await relay.metric('connections_left_total{role="binary",cause="write_stalled"}')) === 1,
  );
  binary.ws.terminate();
};

const endNoMessage = async (relay: TestRelay): Promise<void> => {
  const { raw } = await rawPair(relay);
  raw.write(clientFrame('"never finished"').subarray(0, 9));
  await raw.ended;
  raw.destroy();
};

/** With a short write timeout, and one phone at a time: one that is dismissed reads nothing of what comes before its close frame. */
export const stallDismissed = async (relay: TestRelay): Promise<void> => {
  const pair = await rawPair(relay);
  await fill(relay, pair);
  dismiss(pair);
  await untilIn(relay, pair.connId, 'connection.closing.flushing');
  await untilIn(relay, pair.connId, WRITING);
  pair.raw.destroy();
};

/** The same phone closes by itself. */
export const closeDismissed = async (relay: TestRelay): Promise<void> => {
  const pair = await rawPair(relay);
  await fill(relay, pair);
  dismiss(pair);
  await untilIn(relay, pair.connId, 'connection.closing.flushing');
  pair.raw.write(closeFrame(1000));
  await untilIn(relay, pair.connId, 'connection.closing.finishing');
  pair.raw.destroy();
};

/** With short write and message timeouts, and room for backlogs. */
export const stall = async (relay: TestRelay): Promise<void> => {
  await Promise.all([acknowledgeLate(relay), stallBinary(relay), endNoMessage(relay)]);
};
