/** A program that bundles the library: `createRelay` needs nothing that lies beside it on disk. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type Format } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runMain } from '../support/relay-process.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'relay-bundle-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const CONSUMER = `
  import { createRelay } from 'pyrycode-relay';
  const main = async () => {
    const loopback = { host: '127.0.0.1', port: 0 };
    const relay = createRelay({ metricsListen: loopback, inspectListen: loopback });
    const { address, metricsAddress, inspectAddress } = await relay.start();
    const get = async ({ port }, path) => await fetch('http://127.0.0.1:' + port + path);
    const found = {
      version: (await (await get(address, '/healthz')).json()).version,
      metrics: (await get(metricsAddress, '/metrics')).status,
      page: (await get(inspectAddress, '/')).status,
      recording: (await get(inspectAddress, '/recording')).status,
    };
    await relay.stop();
    console.log(JSON.stringify(found));
  };
  void main();
`;

/** What packages in CommonJS need inside an ES module. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

test.each<[Format, string, string]>([
  ['cjs', 'out.cjs', ''],
  ['esm', 'out.mjs', REQUIRE],
])(
  'a relay out of a bundle in %s starts, and misses only the files of the page',
  async (format, name, banner) => {
    const outfile = join(dir, name);
    await build({
      stdin: { contents: CONSUMER, resolveDir: ROOT },
      alias: { 'pyrycode-relay': `${ROOT}dist/relay.js` },
      bundle: true,
      platform: 'node',
      format,
      outfile,
      banner: { js: banner },
      logLevel: 'silent',
    });
    const { stdout } = await promisify(execFile)(process.execPath, [outfile]);
    const version = (await runMain(['--version'])).stdout.trim();
    expect(JSON.parse(stdout)).toEqual({ version, metrics: 200, page: 503, recording: 200 });
  },
);
