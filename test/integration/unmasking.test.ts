/** The daemon with and without ws's native unmask, because the add-on is not built for every platform. */
import { expect, test } from 'vitest';
import { Peers } from '../support/peer.ts';
import { RelayProcess } from '../support/relay-process.ts';

test.each([
  ['with the add-on where there is one', {}],
  ['without it', { WS_NO_BUFFER_UTIL: '1' }],
])('frames of every size pass both ways, %s', async (_name, env) => {
  const relay = await RelayProcess.start([], env);
  const peers = new Peers(() => relay.url);
  try {
    const serverId = peers.serverId();
    const binary = await peers.binary(serverId);
    const { phone, connId } = await peers.knownPhone(serverId, binary);
    for (const bytes of [1, 31, 32, 300, 8_192, 60_000, 87_416, 250_000]) {
      const frame = JSON.stringify('Ab9+'.repeat(bytes / 4 + 1).slice(0, bytes));
      phone.send(frame);
      expect(await binary.next()).toBe(`{"conn_id":"${connId}","frame":${frame}}`);
      binary.send(`{"conn_id":"${connId}","frame":${frame}}`);
      expect(await phone.next()).toBe(frame);
    }
  } finally {
    peers.dispose();
    relay.kill();
  }
});
