/**
 * Completes package-lock.json with optional packages for other platforms. `npm install` omits them if the registry it uses
 * does not carry them, and `npm ci` then rejects the lock file as incomplete on every machine. Run it after `npm install`.
 * It changes nothing if nothing is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const OS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const CPU = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));

/**
 * The location where npm resolves `name` for the package at `from`.
 * @param {string} from
 * @param {string} name
 */
const find = (from, name) => {
  for (let at = from; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
    const candidate = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (candidate in lock.packages) return candidate;
    if (at === '') return undefined;
  }
};

/**
 * The platform in a package's name. A package without one is never installed.
 * @param {string} name
 */
const platformOf = (name) => {
  const words = name.split(/[-/]/);
  const isNamed = (/** @type {string} */ word) => words.includes(word);
  const os = OS.find(isNamed) ?? 'none';
  const cpu = CPU.find(isNamed) ?? (isNamed('armv7') ? 'arm' : 'none');
  return { os: [os], cpu: [cpu] };
};

let added = 0;
for (const [from, { optionalDependencies = {}, dev = false }] of Object.entries(lock.packages)) {
  if (from === '') continue;
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (find(from, name) !== undefined) continue;
    if (!/^\d+\.\d+\.\d+/.test(version)) continue;
    lock.packages[`node_modules/${name}`] = {
      version,
      ...platformOf(name),
      ...(dev && { dev }),
      optional: true,
    };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
if (added > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages for other platforms were missing from package-lock.json`);
