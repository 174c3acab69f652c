/**
 * Installs what `npm pack` makes into empty folders, and starts it there: with the optional packages, without them, and without any
 * install script. Exits 1 if one does not install, or does not serve and drain.
 *
 *   node scripts/try-package.js [NODE ...]   programs to start it with; the Node of this one if none is named
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeKeys, makeServiceAccount } from './demo/service-account.js';

/** Which packages are there, as operators install it. */
const WAYS = [
  { name: 'as it is', flags: [], hasOptional: true },
  { name: 'without install scripts', flags: ['--ignore-scripts'], hasOptional: true },
  { name: 'without optional packages', flags: ['--omit=optional'], hasOptional: false },
];
const PATIENCE_MS = 30_000;

const nodes = process.argv.length > 2 ? process.argv.slice(2) : [process.execPath];
const dir = mkdtempSync(join(tmpdir(), 'relay-package-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));

const pack = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], {
  encoding: 'utf8',
});
const tarball = join(dir, JSON.parse(pack)[0].filename);

/** @param {readonly string[]} flags */
const install = (flags) => {
  const folder = mkdtempSync(join(dir, 'empty-'));
  mkdirSync(join(folder, 'app'));
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', ...flags, tarball];
  const { status } = spawnSync('npm', args, { cwd: join(folder, 'app'), stdio: 'inherit' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed`);
  return join(folder, 'app/node_modules/pyrycode-relay/dist/main.js');
};

/**
 * Starts it, asks for its health, and ends it.
 * @param {string} node
 * @param {string} main
 * @returns {Promise<string>} its version
 */
const serve = async (node, main) => {
  const child = spawn(node, [main, '--insecure-listen', '127.0.0.1:0', '--metrics-listen='], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: PATIENCE_MS,
  });
  const exited = new Promise((resolve) => child.on('exit', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, listen } = JSON.parse(line);
    if (msg !== 'listening') continue;
    /** @type {{ status?: string, version?: string }} */
    const health = JSON.parse(await (await fetch(`http://${listen}/healthz`)).text());
    child.kill('SIGTERM');
    const code = await exited;
    if (health.status !== 'ok' || code !== 0) throw new Error(`status ${health.status}, exit ${code}`);
    return String(health.version);
  }
  throw new Error(`it ended before it listened, with exit code ${await exited}`);
};

const keyFile = join(dir, 'fcm.json');
writeFileSync(keyFile, makeServiceAccount('try-package', 'https://localhost/token', makeKeys()).json);

/** What needs an optional package, and says so without it. @type {readonly [string, string, ...string[]][]} */
const NEEDS = [
  ['acme-client', '--domain', 'relay.example.org', '--cert-cache', join(dir, 'certs')],
  ['jose', '--insecure-listen', '127.0.0.1:8080', '--fcm-credentials', keyFile],
];

/**
 * @param {string} node
 * @param {string} main
 * @param {boolean} hasOptional
 */
const checkOptional = (node, main, hasOptional) => {
  for (const [name, ...flags] of NEEDS) {
    const { status, stderr } = spawnSync(node, [main, 'check-config', ...flags], { encoding: 'utf8' });
    const isRight = hasOptional ? status === 0 : status === 2 && stderr.includes(`npm install ${name}`);
    if (!isRight) throw new Error(`check-config ${flags.join(' ')}: exit ${status}: ${stderr}`);
  }
};

/**
 * The library for tests needs no test runner.
 * @param {string} node
 * @param {string} main
 */
const checkLibrary = (node, main) => {
  const code = `
    import { explore } from 'pyrycode-relay/testing';
    import { relayMachine } from 'pyrycode-relay/machines';
    if (typeof explore !== 'function' || relayMachine.id !== 'relay') process.exit(1);`;
  const { status, stderr } = spawnSync(node, ['--input-type=module', '--eval', code], {
    encoding: 'utf8',
    cwd: join(main, '../../../..'),
  });
  if (status !== 0) throw new Error(`import of its libraries: exit ${status}: ${stderr}`);
};

let failures = 0;
let passes = 0;
for (const { name, flags, hasOptional } of WAYS) {
  const main = install(flags);
  for (const node of nodes) {
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
    try {
      checkOptional(node, main, hasOptional);
      checkLibrary(node, main);
      console.log(`Node ${version}, ${name}: version ${await serve(node, main)} serves and drains`);
      passes++;
    } catch (error) {
      console.error(
        `Node ${version}, ${name}: FAILED, ${error instanceof Error ? error.message : String(error)}`,
      );
      failures++;
    }
  }
}
console.log(`the package: ${passes} passed, ${failures} failed`);
if (failures > 0) process.exitCode = 1;
