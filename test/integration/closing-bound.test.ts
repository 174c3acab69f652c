/** A phone that is dismissed frees its place at once, but its backlog stays until it is sent. */
import { expect, test } from 'vitest';
import { phoneHeaders } from '../support/peer.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

const PHONES = 12;
/** The phone of the cap and a binary. */
const MOST_CLOSING = 2;
const BACKLOG_BYTES = 4 * 1_024 * 1_024;

test('phones that are dismissed in turn and do not read hold no more backlogs than the bound', async () => {
  const relay = await TestRelay.start({ maxPhones: 1 });
  const phones: RawSocket[] = [];
  try {
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const pad = 'x'.repeat(200_000);
    for (let i = 0; i < PHONES; i++) {
      const phone = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
      phones.push(phone);
      phone.send('"hello"');
      const { conn_id: connId } = await binary.nextEnvelope();
      phone.socket.pause();
      for (let k = 0; k < 18; k++) binary.send(`{"conn_id":"${connId}","frame":"${pad}"}`);
      binary.send(`{"conn_id":"${connId}","close_code":4401}`);
      await relay.logged('binary_forwarder_phone_closed', { conn_id: connId });
    }
    await binary.roundTrip();
    const closing = await relay.metric('closing_connections{kind="admitted",state="flushing"}');
    expect(closing).toBeLessThanOrEqual(MOST_CLOSING);
    expect(await relay.metric('queued_bytes{role="phone"}')).toBeLessThanOrEqual(
      MOST_CLOSING * BACKLOG_BYTES,
    );
    expect(await relay.metric('closing_connections_cut_total{kind="admitted"}')).toBe(PHONES - MOST_CLOSING);
    expect(relay.lines.filter(({ event }) => event === 'connection_cut_short')).toHaveLength(
      PHONES - MOST_CLOSING,
    );
  } finally {
    for (const { socket } of phones) socket.destroy();
    await relay.dispose();
  }
});
