/**
 * Checks the direction of imports, and then proves that the check works by planting violations: dependency-cruiser passes
 * silently if it fails to parse a file.
 */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

/** @param {string[]} args */
const cruise = (args) =>
  spawnSync('npx', ['--no-install', 'depcruise', '--config', '.dependency-cruiser.json', ...args], {
    encoding: 'utf8',
  });

const FEWEST_MODULES = 50;
const real = cruise(['src', '--output-type', 'err']);
process.stdout.write(real.stdout);
if (real.status !== 0) process.exit(1);
const seen = Number(/\((\d+) modules/.exec(real.stdout)?.[1] ?? 0);
if (seen < FEWEST_MODULES) {
  console.error(`only ${seen} modules were looked at: the rule cannot be trusted`);
  process.exit(1);
}

/** @type {[string, string, string][]} file, forbidden import, and the rule that must report it */
const PLANTED = [
  ['src/machines/planted.ts', 'node:fs', 'machines-import-protocol-and-xstate'],
  ['src/machines/planted.ts', 'ws', 'machines-import-protocol-and-xstate'],
  ['src/machines/planted.ts', '../transport/turn.ts', 'machines-import-protocol-and-xstate'],
  ['src/protocol/planted.ts', 'xstate', 'protocol-imports-nothing'],
  ['src/admission/planted.ts', 'node:net', 'admission-imports-protocol'],
  ['src/push/planted.ts', '../transport/turn.ts', 'push-imports-inward'],
  ['src/transport/planted.ts', '../observe/census.ts', 'transport-imports-inward'],
  ['src/observe/planted.ts', '../relay.ts', 'outer-rooms-do-not-import-the-joint'],
  ['src/observe/planted.ts', './metering.ts', 'start-loads-no-tools'],
  ['src/config/planted.ts', '../inspect/recorder.ts', 'start-loads-no-tools'],
  ['src/testing/planted.ts', '../machines/server-machine.ts', 'testing-knows-no-relay'],
  ['src/testing/planted.ts', 'vitest', 'testing-knows-no-relay'],
  ['src/config/planted.ts', 'zod', 'start-loads-no-packages-of-tools'],
];
for (const [file, target, rule] of PLANTED) {
  writeFileSync(file, `import * as planted from '${target}';\nexport { planted };\n`);
  try {
    const { status, stdout } = cruise(['src', '--output-type', 'err']);
    if (status === 0 || !stdout.includes(rule)) {
      console.error(`the planted import of ${target} in ${file} was not caught by ${rule}:\n${stdout}`);
      process.exitCode = 1;
    }
  } finally {
    rmSync(file);
  }
}
if (process.exitCode === undefined) console.log(`${PLANTED.length} planted violations were caught`);
