/** Makes `dist` complete in itself: nothing at run time needs a file outside it but the packages it imports. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';

const dist = new URL('../dist/', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('../package.json', dist), 'utf8'));

const file = new URL('version.js', dist);
const UNSTAMPED = "VERSION = 'dev'";
const source = readFileSync(file, 'utf8');
if (!source.includes(UNSTAMPED)) throw new Error(`dist/version.js has no ${UNSTAMPED} to replace`);
writeFileSync(
  file,
  source.replace(UNSTAMPED, () => `VERSION = ${JSON.stringify(version)}`),
);

// The compiler writes a new file that nobody may execute, also where npx has linked to the one before it.
chmodSync(new URL('main.js', dist), 0o755);

// The files are ES modules whatever package.json lies above a copy of them, or none.
writeFileSync(new URL('package.json', dist), '{ "type": "module" }\n');
