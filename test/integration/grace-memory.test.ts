/** What a server-id costs after its binary has gone: anyone can make up server-ids, and each stays for the grace period. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;

/**
 * The heap has no other place to hide it: the adapter, the socket and the request are gone, and with them their external
 * memory. 3.1 KB measured, with what V8 compiles meanwhile; each closure, set or shape too many is 60 to 300 bytes.
 */
const MOST_BYTES = 3_500;

/** Runs a relay and its peers in one process, so that nothing but the relay's own entries differs between two readings. */
const PROGRAM = `
  import { connect } from 'node:net';
  const { createRelay } = await import(process.argv[1]);
  const ENTRIES = 2_000;
  const AT_ONCE = 100;
  const relay = createRelay({ graceMs: 600_000, rateBurst: 0 });
  const { address: { port } } = await relay.start();
  const dialAndReset = async (serverId) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'GET /v1/server HTTP/1.1\\r\\nHost: relay\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n' +
      'Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n' +
      'X-Pyrycode-Server: ' + serverId + '\\r\\nX-Pyrycode-Version: 1\\r\\nUser-Agent: test\\r\\n\\r\\n',
    );
    const head = await new Promise((resolve, reject) => socket.once('data', resolve).once('error', reject));
    if (!head.toString().startsWith('HTTP/1.1 101')) throw new Error(head.toString());
    await new Promise((resolve) => { socket.once('close', resolve); socket.resetAndDestroy(); });
  };
  const dialAll = async (prefix, count) => {
    for (let i = 0; i < count; i += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, (_, k) => dialAndReset(prefix + (i + k))));
  };
  // Until two readings agree: what ends is released over several turns.
  const settled = async () => {
    for (let before = Infinity; ; ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      gc();
      const { heapUsed } = process.memoryUsage();
      if (heapUsed >= before - 10_000) return heapUsed;
      before = heapUsed;
    }
  };
  // The compiled code of all this must not be charged to the entries.
  await dialAll('warm-up-', 1_000);
  const before = await settled();
  await dialAll('made-up-server-id-', ENTRIES);
  const bytesEach = ((await settled()) - before) / ENTRIES;
  console.log(bytesEach);
  process.exit(0);
`;

test(`a server-id in grace takes at most ${MOST_BYTES} bytes`, async () => {
  const args = ['--expose-gc', '--input-type=module', '-e', PROGRAM, `${ROOT}dist/relay.js`];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
  });
  console.log(`${Math.round(Number(stdout))} bytes for each server-id in grace`);
  expect(Number(stdout)).toBeGreaterThan(1_000);
  expect(Number(stdout)).toBeLessThan(MOST_BYTES);
});
