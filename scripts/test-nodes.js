/**
 * Runs the tests of what depends on Node under the majors after the oldest supported one, which runs all of them: its streams,
 * its HTTP parser, its signals, its stdout, V8's flags, WebAssembly, and the private state of `ws`. Tests start the relay with the Node they run in.
 * Exits 1 if a Node cannot be installed, or if a test fails under one.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAJORS = [22, 24, 26];
const FILES = [
  'test/integration/accepting.test.ts',
  'test/integration/bundling.test.ts',
  'test/integration/certificates.test.ts',
  'test/integration/handshake.test.ts',
  'test/integration/installation.test.ts',
  'test/integration/proxy-protocol.test.ts',
  'test/integration/requests.test.ts',
  'test/integration/signals.test.ts',
  'test/integration/slow-links.test.ts',
  'test/integration/slow-stdout.test.ts',
  'test/integration/tls-floods.test.ts',
  'test/integration/tls.test.ts',
  'test/integration/unmasking.test.ts',
  'test/integration/unparsed-requests.test.ts',
  'test/protocol/plain-text.test.ts',
  'test/runtime.test.ts',
  'test/tls/backpressure.test.ts',
  'test/tls/close-handshake.test.ts',
  'test/transport/block-pool.test.ts',
  'test/transport/fcm/fcm-provider.test.ts',
  'test/transport/fcm/hard-answers.test.ts',
  'test/transport/record-stream.test.ts',
  'test/transport/upgrade-check.test.ts',
  'test/transport/ws-frame-stop.test.ts',
  'test/transport/ws-receiver.test.ts',
];

// Vitest takes a name that matches no file for a filter, and says nothing.
const missing = FILES.filter((file) => !existsSync(file));
if (missing.length > 0) {
  console.error(`no such test file: ${missing.join(', ')}`);
  process.exit(1);
}

const dir = mkdtempSync(join(tmpdir(), 'relay-nodes-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));

/** @param {number} major */
const binaryOf = (major) => join(dir, `node_modules/node${major}/bin/node`);

/**
 * The version of the installed Node, or undefined if it is not there or is another major.
 * @param {number} major
 */
const versionOf = (major) => {
  const { stdout } = spawnSync(binaryOf(major), ['--version'], { encoding: 'utf8' });
  return stdout?.startsWith(`v${major}.`) ? stdout.trim() : undefined;
};

/**
 * Runs the tests under that Node, and says in a line how they ended.
 * @param {number} major
 * @returns {{ passed: boolean, line: string }}
 */
const testUnder = (major) => {
  const version = versionOf(major);
  if (version === undefined) {
    return { passed: false, line: `Node ${major}: FAILED, npm could not install the package node@${major}` };
  }
  console.log(`\n== Node ${version}`);
  const report = join(dir, `${major}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...FILES];
  const { status } = spawnSync(binaryOf(major), args, { stdio: 'inherit' });
  if (!existsSync(report)) return { passed: false, line: `Node ${version}: FAILED, vitest made no report` };
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  const counts = `${numPassedTests} passed, ${numFailedTests} failed`;
  const passed = status === 0 && numPassedTests > 0;
  return { passed, line: `Node ${version}: ${passed ? '' : 'FAILED, '}${counts}` };
};

// The package's install script puts the binary in its place.
spawnSync(
  'npm',
  [
    ...['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts=false', '--loglevel=error'],
    ...['--prefix', dir, ...MAJORS.map((major) => `node${major}@npm:node@${major}`)],
  ],
  { stdio: 'inherit' },
);
/** @type {number[]} */
const installed = MAJORS.filter((major) => versionOf(major) !== undefined);

// It waits for npm most of its time, so the tests run beside it.
const said = join(dir, 'package.txt');
const output = openSync(said, 'w');
const trial = spawn(
  process.execPath,
  ['scripts/try-package.js', process.execPath, ...installed.map(binaryOf)],
  { stdio: ['ignore', output, output] },
);
/** @type {Promise<boolean>} */
const isTried = new Promise((resolve) => trial.on('close', (code) => resolve(code === 0)));

const results = MAJORS.map(testUnder);
console.log('\n== the package');
const passed = await isTried;
process.stdout.write(readFileSync(said, 'utf8'));
results.push({
  passed,
  line: `the package, installed in empty folders: ${passed ? 'serves' : 'FAILED'} under each`,
});
console.log();
for (const { line } of results) console.log(line);
if (results.some(({ passed: hasPassed }) => !hasPassed)) process.exitCode = 1;
