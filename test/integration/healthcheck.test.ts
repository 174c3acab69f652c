/** `healthcheck`: exits by what it is answered. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { RelayProcess, runMain } from '../support/relay-process.ts';

let server: Server | undefined;
let relay: RelayProcess | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  relay?.kill();
  server = relay = undefined;
});

const serve = async (answer: RequestListener): Promise<string> => {
  const created = createServer(answer);
  server = created;
  await new Promise<void>((resolve) => created.listen(0, '127.0.0.1', resolve));
  // Bound to a TCP port above.
  return `http://127.0.0.1:${(created.address() as AddressInfo).port}/`;
};

describe('healthcheck', () => {
  test('exits 0 for a relay that runs', async () => {
    relay = await RelayProcess.start();
    const { code, stdout, stderr } = await runMain(['healthcheck', relay.metricsUrl]);
    expect([code, stdout, stderr]).toEqual([0, '', '']);
  });

  test('exits 1 with the status and the first line of the answer, made visible', async () => {
    const url = await serve((_, response) => response.writeHead(503).end('draining \u{1b}[31m\nmore'));
    const { code, stderr } = await runMain(['healthcheck', url]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^pyrycode-relay: http:\/\/127\.0\.0\.1:\d+\/: status 503: draining .*\n$/);
    expect(stderr).not.toContain('\u{1b}');
    expect(stderr).not.toContain('more');
  });

  test('exits 1 when nobody answers', async () => {
    const { code, stderr } = await runMain(['healthcheck', 'http://127.0.0.1:1/livez']);
    expect(code).toBe(1);
    expect(stderr).toContain('ECONNREFUSED');
  });

  test('gives up on an answer that does not come', async () => {
    const url = await serve(() => {});
    const { code, stderr } = await runMain(['healthcheck', url]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('no answer in 5 s')]);
  });

  test('asks the metrics listener that the environment names', async () => {
    const asked: (string | undefined)[] = [];
    const url = await serve(({ url: path }, response) => {
      asked.push(path);
      response.end();
    });
    const env = { PYRYCODE_RELAY_METRICS_LISTEN: new URL(url).host };
    expect((await runMain(['healthcheck'], env)).code).toBe(0);
    expect(asked).toEqual(['/livez']);
  });

  test('asks where a configuration file, or a flag, puts the metrics', async () => {
    relay = await RelayProcess.start();
    const { host } = new URL(relay.metricsUrl);
    const file = join(mkdtempSync(join(tmpdir(), 'relay-health-')), 'relay.toml');
    writeFileSync(file, `metrics-listen = "${host}"\n`);
    expect((await runMain(['healthcheck', '--config', file])).code).toBe(0);
    expect((await runMain(['healthcheck'], { PYRYCODE_RELAY_CONFIG: file })).code).toBe(0);
    expect((await runMain(['healthcheck', '--metrics-listen', host])).code).toBe(0);
    expect((await runMain(['healthcheck', '--metrics-listen', '127.0.0.1:1'])).code).toBe(1);
  });

  test.each([
    [['ftp://x'], 'takes an http:// or https:// URL'],
    [['nonsense'], 'takes an http:// or https:// URL'],
    [['http://a', 'http://b'], 'takes one URL'],
    [['--bogus'], 'unknown flag'],
  ] as const)('%j exits 2', async (args, text) => {
    const { code, stderr } = await runMain(['healthcheck', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(text)]);
  });

  test('exits 2 when metrics are off and no URL is given', async () => {
    const { code, stderr } = await runMain(['healthcheck'], { PYRYCODE_RELAY_METRICS_LISTEN: '' });
    expect([code, stderr]).toEqual([2, expect.stringContaining('no metrics listener')]);
  });
});
