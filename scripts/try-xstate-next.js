/**
 * Tries the newest version of the next major of XState, or the version given as an argument, in a copy of this folder: do the
 * types of src check, do the tests of machines and model pass? Says what breaks in at most some forty lines and in less than two
 * minutes. docs/adr/0018-what-xstate-6-would-take.md says what is known. Exits 1 if anything breaks or is cut off, 2 if it could not be tried.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const MAJOR = 6;
const LIST_MS = 15_000;
const INSTALL_MS = 20_000;
const TYPES_MS = 30_000;
const TESTS_MS = 50_000;
const FOLDERS = ['test/machines', 'test/model'];
const MOST_LINES = 12;
const MOST_CHARACTERS = 150;

const dir = mkdtempSync(join(tmpdir(), 'relay-xstate-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));

/** @param {string} why */
const giveUp = (why) => {
  console.log(`not tried: ${why}`);
  process.exit(2);
};

/** @param {string} command @param {readonly string[]} args @param {number} timeout in ms @param {string} [cwd] */
const run = (command, args, timeout, cwd = process.cwd()) =>
  spawnSync(command, args, {
    cwd,
    timeout,
    encoding: 'utf8',
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '1' },
  });

/** The last of the list that npm has, which it sorts. */
const newest = () => {
  const { stdout } = run('npm', ['view', 'xstate', 'versions', '--json'], LIST_MS);
  /** @type {unknown} */
  const versions = stdout ? JSON.parse(stdout) : [];
  const next = Array.isArray(versions) ? versions.filter((each) => `${each}`.startsWith(`${MAJOR}.`)) : [];
  return next.at(-1) ?? giveUp(`npm knows no xstate ${MAJOR}`);
};

/** Puts the packages of this folder into the copy by links, except xstate's own, which must find the new version beside them. */
const linkPackages = () => {
  for (const name of readdirSync('node_modules')) {
    if (name === 'xstate' || name === '@xstate' || name.startsWith('.')) continue;
    symlinkSync(join(process.cwd(), 'node_modules', name), join(dir, 'node_modules', name));
  }
  cpSync('node_modules/@xstate', join(dir, 'node_modules/@xstate'), { recursive: true });
};

const copySources = () => {
  const { stdout } = run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], INSTALL_MS);
  for (const file of stdout.split('\0').filter((each) => each !== '' && existsSync(each))) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    cpSync(file, join(dir, file));
  }
};

/** @param {string} text */
const oneLine = (text) => text.replaceAll(/\s+/g, ' ').trim().slice(0, MOST_CHARACTERS);

/** Prints the most frequent first. @param {readonly string[]} kinds */
const printMost = (kinds) => {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a);
  for (const [kind, count] of sorted.slice(0, MOST_LINES))
    console.log(`${String(count).padStart(5)} x ${kind}`);
  if (sorted.length > MOST_LINES) console.log(`      and ${sorted.length - MOST_LINES} other kinds`);
};

/** What is missing keeps its name; of other errors, the names in quotes differ where the kind does not. @param {string} text */
const kindOf = (text) => oneLine(/exported member/.test(text) ? text : text.replaceAll(/'[^']*'/g, "'...'"));

/** @returns {boolean} whether the types check */
const checkTypes = () => {
  const args = ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.build.json'];
  const { stdout, status } = run(process.execPath, args, TYPES_MS, dir);
  const errors = [...stdout.matchAll(/^(\S+?)\(\d+,\d+\): error (TS\d+: .*)$/gm)];
  const files = new Set(errors.map(([, file]) => file));
  const cut = status === null ? `, cut off after ${TYPES_MS / 1_000} s` : '';
  console.log(`types of src: ${errors.length} errors in ${files.size} files${cut}`);
  printMost(errors.map(([, , text = '']) => kindOf(text)));
  return status === 0;
};

/** The part of Vitest's JSON report that is read here. */
/** @typedef {{ readonly status: string, readonly failureMessages: readonly string[] }} TestResult */
/** @typedef {{ readonly name: string, readonly message: string, readonly assertionResults: readonly TestResult[] }} FileResult */

/** @returns {boolean} whether the tests of the machines and of the model pass */
const runTests = () => {
  const report = join(dir, 'report.json');
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', `--outputFile=${report}`];
  run(process.execPath, [...args, ...FOLDERS], TESTS_MS, dir);
  if (!existsSync(report)) {
    console.log(`${FOLDERS.join(', ')}: cut off after ${TESTS_MS / 1_000} s`);
    return false;
  }
  const { testResults } = /** @type {{ testResults: FileResult[] }} */ (
    JSON.parse(readFileSync(report, 'utf8'))
  );
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed');
  const failed = tests.filter(({ status }) => status === 'failed');
  const unread = testResults.filter(
    ({ assertionResults, message }) => assertionResults.length === 0 && message !== '',
  );
  console.log(
    `${FOLDERS.join(', ')}: ${passed.length} tests pass, ${failed.length} fail, ${unread.length} of ${testResults.length} files cannot be loaded`,
  );
  const messages = [
    ...failed.map(({ failureMessages: [first = ''] }) => first),
    ...unread.map(({ message }) => message),
  ];
  printMost(messages.map((message) => oneLine(message.split('\n')[0] ?? '')));
  return failed.length + unread.length === 0 && passed.length > 0;
};

const startedAt = Date.now();
const version = process.argv[2] ?? newest();
run(
  'npm',
  ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', dir, `xstate@${version}`],
  INSTALL_MS,
);
if (!existsSync(join(dir, 'node_modules/xstate/package.json')))
  giveUp(`npm could not install xstate@${version}`);
copySources();
linkPackages();

console.log(
  `xstate ${version} instead of ${JSON.parse(readFileSync('package.json', 'utf8')).dependencies.xstate}:`,
);
const results = [checkTypes(), runTests()];
const isWhole = results.every((each) => each);
console.log(`tried in ${Math.round((Date.now() - startedAt) / 1_000)} s`);
process.exitCode = isWhole ? 0 : 1;
