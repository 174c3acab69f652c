/** `conformance --coverage DIR`, against the real daemon. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { makeFolder } from '../../src/transport/make-folder.ts';
import { RelayProcess, runMain } from '../support/relay-process.ts';

const files = mkdtempSync(join(tmpdir(), 'relay-coverage-'));
afterAll(() => rmSync(files, { recursive: true }));

let relay: RelayProcess | undefined;
afterEach(() => relay?.kill());

// Long enough for seventeen claims on a slow machine: a path that overruns them is skipped, and would be missed.
const FLAGS = ['--max-phones', '1', '--grace', '10s', '--probe-timeout', '10s'];

test('all of the server chart that the wire can show is exercised, and the rest is named with its reason', async () => {
  relay = await RelayProcess.start(FLAGS);
  const dir = join(files, 'new', 'folder');
  const { code, stdout, stderr } = await runMain(
    ['conformance', relay.url, ...FLAGS, '--parallel', '24', '--coverage', dir],
    {},
  );
  // Signs of life, as it takes longer than ten seconds.
  const complaints = stderr.replaceAll(/^\d+\/\d+ paths, 0 failed.*\n/gm, '');
  expect({ code, stderr: complaints }).toEqual({ code: 0, stderr: '' });
  const [text = '', json = '', html = ''] = ['txt', 'json', 'html'].map((ending) => {
    const file = join(dir, `coverage.${ending}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    return readFileSync(file, 'utf8');
  });
  expect(text).not.toMatch(/MISSED|NEEDLESS|UNKNOWN/);
  expect(text).toMatch(
    /^server: 8 of 8 states, 18 of 18 transitions \(6 excepted\), 12 of 12 guard outcomes/,
  );
  expect(stdout).toContain(text.split('\n')[0]);
  expect(JSON.parse(json)).toMatchObject({ version: 1, charts: [{ chart: 'server' }] });
  // The drawing is painted.
  expect(html).toContain('<svg');
  expect(html).toContain('{fill:var(--covered)}');
});

test('a folder that cannot be made is said at once, with exit 2', async () => {
  relay = await RelayProcess.start(FLAGS);
  const file = join(files, 'a file');
  writeFileSync(file, '');
  const { code, stderr } = await runMain(['conformance', relay.url, ...FLAGS, '--coverage', file]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining(`--coverage ${file} cannot be written: EEXIST`),
  });
});

// Node's own recursive mkdir never returns there.
test.skipIf(process.platform !== 'linux')(
  'a folder in a file system that makes none is said at once, too',
  async () => {
    relay = await RelayProcess.start(FLAGS);
    for (const folder of ['/proc/x', '/proc/x/y']) {
      const { code, stderr } = await runMain(['conformance', relay.url, ...FLAGS, '--coverage', folder]);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining(`--coverage ${folder} cannot be written: ENOENT`),
      });
    }
  },
);

test('folders are made with those around them', async () => {
  const folder = join(files, 'one', 'two', 'three');
  await makeFolder(folder);
  await makeFolder(folder);
  expect(statSync(folder).isDirectory()).toBe(true);
});
