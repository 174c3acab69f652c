/** The executable away from its checkout: copied, incomplete, or replaced while it runs. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { type InstalledCopy, installCopy } from '../support/installed-copy.ts';
import { Peers } from '../support/peer.ts';
import { RelayProcess, runMain } from '../support/relay-process.ts';

let copy: InstalledCopy | undefined;
let relay: RelayProcess | undefined;
afterEach(() => {
  relay?.kill();
  copy?.dispose();
  relay = undefined;
  copy = undefined;
});

const INSPECT = ['--inspect-listen', '127.0.0.1:0'];

const start = async (installed: InstalledCopy, args: readonly string[] = []) => {
  relay = await RelayProcess.start([...INSPECT, ...args], {}, installed.main);
  const { listen } = await relay.logged('starting inspect listener');
  return { relay, inspectUrl: `http://${String(listen)}` };
};

describe('a copy of dist alone', () => {
  test.each([
    ['without a package.json', undefined],
    ['with a foreign one', '{"name":"my-image","version":"9.9.9"}'],
    ['with one for CommonJS', '{"type":"commonjs"}'],
    ['with an unreadable one', '{'],
  ])('%s starts, knows its version, and serves the page with its charts', async (_, manifest) => {
    copy = installCopy(['dist']);
    if (manifest !== undefined) copy.write('package.json', manifest);
    const { version } = await start(copy).then(async (running) => {
      expect((await fetch(running.inspectUrl)).status).toBe(200);
      expect((await fetch(`${running.inspectUrl}/charts/server-wide.svg`)).status).toBe(200);
      return await running.relay.health();
    });
    expect(version).toBe((await runMain(['--version'])).stdout.trim());
    expect(await relay?.stop()).toBe(0);
    expect(relay?.count('inspect page missing')).toBe(0);
  });

  test('without the page serves all but the page, and says so', async () => {
    copy = installCopy(['dist']);
    copy.remove('dist/inspect/page');
    const running = await start(copy);
    expect(running.relay.count('inspect page missing')).toBe(1);
    const page = await fetch(running.inspectUrl);
    expect([page.status, await page.text()]).toEqual([
      503,
      'the page is not beside this program; /events and /recording are served\n',
    ]);
    expect((await fetch(`${running.inspectUrl}/recording`)).status).toBe(200);
    expect(await running.relay.stop()).toBe(0);
  });
});

describe('a start that fails says why on stderr and exits 1', () => {
  test.each([
    ['a file is missing', 'dist/relay.js', undefined, 'Cannot find module'],
    ['a file is not JavaScript', 'dist/relay.js', '<<<', 'SyntaxError'],
    [
      'a module throws',
      'dist/runtime.js',
      'export const tuneRuntime = 0; throw new Error("out of order");',
      'out of order',
    ],
    [
      'the start throws',
      'dist/runtime.js',
      'export const tuneRuntime = () => { throw new Error("out of order"); };',
      'out of order',
    ],
    [
      'what is loaded on demand throws',
      'dist/observe/metering.js',
      'throw new Error("no metrics");',
      'no metrics',
    ],
    ['what is loaded on demand throws no error', 'dist/observe/metering.js', 'throw "a text";', 'a text'],
    ['the page cannot be loaded', 'dist/inspect/inspection.js', undefined, 'Cannot find module'],
  ])('%s', async (_, file, text, says) => {
    copy = installCopy(['dist']);
    copy.remove(file);
    if (text !== undefined) copy.write(file, text);
    const args = ['--insecure-listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0', ...INSPECT];
    const { code, stderr } = await runMain(args, {}, undefined, copy.main);
    expect(stderr).toMatch(/^pyrycode-relay: /);
    expect(stderr).toContain(says);
    expect(code).toBe(1);
  });

  test.each([['info'], ['silent']])('an address is in use, with --log-level %s', async (level) => {
    relay = await RelayProcess.start();
    const taken = relay.url.slice('ws://'.length);
    const args = ['--insecure-listen', taken, '--metrics-listen=', '--log-level', level];
    const { code, stderr } = await runMain(args);
    expect([code, stderr]).toEqual([
      1,
      `pyrycode-relay: --insecure-listen ${taken}: already in use (EADDRINUSE)\n`,
    ]);
  });

  test.each(['conformance', 'record', 'replay', 'paths'])(
    'a command cannot be loaded: %s',
    async (command) => {
      copy = installCopy(['dist']);
      copy.remove('dist/config/quantities.js');
      const { code, stderr } = await runMain([command, '--help'], {}, undefined, copy.main);
      expect(stderr).toMatch(/^pyrycode-relay: Cannot find module/);
      expect(code).toBe(1);
    },
  );
});

describe('an answer that fails still ends', () => {
  test.each([
    ['before its first byte, with 500', 'new Date().toISOString()'],
    ['in the middle, with the connection', 'nameState(before, names)'],
  ])('%s', async (how, broken) => {
    copy = installCopy(['dist']);
    copy.patch('dist/inspect/write-recording.js', broken, '(() => { throw new Error("out of order"); })()');
    const { relay: running, inspectUrl } = await start(copy);
    const peers = new Peers(() => running.url);
    await peers.binary(peers.serverId());
    const answer = fetch(`${inspectUrl}/recording`).then(async (response) => {
      await response.text();
      return response.status;
    });
    if (how.includes('500')) expect(await answer).toBe(500);
    else await expect(answer).rejects.toThrow();
    peers.dispose();
    expect(await running.stop()).toBe(0);
  });
});

test('a package that is made of a clone without a build has the build in it', async () => {
  const sources = ['src', 'scripts', 'diagrams', 'package.json', 'README.md'];
  copy = installCopy([...sources, 'docs', 'tsconfig.json', 'tsconfig.build.json', 'tsconfig.page.json']);
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json'], { cwd: copy.dir });
  const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[]; // The form of npm's answer.
  const paths = packed?.files.map(({ path }) => path);
  expect(paths).toContain('dist/main.js');
  expect(paths).toContain('dist/package.json');
  expect(paths).toContain('dist/inspect/page/charts/server-wide.svg');
  const { version } = JSON.parse(copy.read('package.json')) as { version: string };
  expect(copy.read('dist/version.js')).toContain(version);
  // npx in the clone executes it as it was built.
  const bin = join(copy.dir, 'dist/main.js');
  expect(await promisify(execFile)(bin, ['--version'])).toMatchObject({ stdout: `${version}\n` });
});

test('an installation that is replaced under a running relay changes nothing for it', async () => {
  copy = installCopy(['dist', 'package.json']);
  const { relay: running, inspectUrl } = await start(copy);
  const { version } = await running.health();
  copy.remove('dist');
  copy.write('package.json', '{"name":"pyrycode-relay","version":"99.0.0"}');
  for (const path of ['/', '/main.js', '/page.css', '/charts/server-wide.svg', '/charts.css']) {
    expect((await fetch(`${inspectUrl}${path}`)).status, path).toBe(200);
  }
  const recording = await fetch(`${inspectUrl}/recording`);
  const [header = ''] = (await recording.text()).split('\n');
  expect(JSON.parse(header)).toMatchObject({ relay: version });
  expect(await running.scrape()).toContain('pyrycode_relay_');
  expect((await running.health())['version']).toBe(version);
  expect(await running.stop()).toBe(0);
});
