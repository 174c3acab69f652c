/** A relay that ends while it is tested. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { runMain } from '../support/relay-process.ts';

const DIALS = 30;

/** Knows no server-id, and ends at its thirtieth connection. */
const startMortal = async (): Promise<string> => {
  const http = createServer();
  const target = new WebSocketServer({ server: http });
  let dials = 0;
  target.on('connection', (ws, { url }) => {
    ws.on('error', () => {});
    if (++dials === DIALS) {
      http.close();
      for (const client of target.clients) client.terminate();
    } else if (url === '/v1/client') ws.close(4404, 'no server with that id');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo; // It listens on TCP.
  return `ws://127.0.0.1:${port}`;
};

test('is said to have ended, once, and nothing else is tried', async () => {
  const url = await startMortal();
  const { code, stdout } = await runMain(['conformance', url, '--parallel', '12'], {}, 60_000);
  expect(code).toBe(1);
  const lines = stdout.trimEnd().split('\n');
  const gone = lines.filter((line) => line.includes('no longer listens'));
  expect(gone).toEqual([
    expect.stringMatching(/^FAIL \w.* → the target no longer listens \(and \d+ more like it.* --only \w{7}$/),
    expect.stringMatching(/^SKIP \d+ paths: the target no longer listens$/),
    'SKIP timers and differences: the target no longer listens',
  ]);
  expect(stdout).not.toMatch(/ECONNREFUSED|ECONNRESET|1006/);
  const [, failed] = /^\d+ passed, (\d+) failed, \d+ skipped$/.exec(lines.at(-1) ?? '') ?? [];
  // Those that were under way, and those that had failed before by what it did wrong.
  expect(Number(failed)).toBeLessThan(DIALS);
});
