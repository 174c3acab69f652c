/**
 * `npm run test:model`: the tests generated from the charts. With `--coverage[=DIR]` they write what they exercise of each chart to
 * DIR (coverage/charts): as text, JSON and a page. Other arguments are Vitest's.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FLAG = /^--coverage(?:=(.+))?$/;
const given = process.argv.slice(2);
const flag = given.map((argument) => FLAG.exec(argument)).find((match) => match !== null);
const dir = flag === undefined ? undefined : resolve(flag[1] ?? 'coverage/charts');
const args = given.filter((argument) => !FLAG.test(argument));

// What is written there must be of this run.
if (dir !== undefined && existsSync(dir)) {
  for (const name of readdirSync(dir))
    if (/^(charts|sockets)\.(txt|json|html)$/.test(name)) rmSync(join(dir, name));
}
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', ...(args.length > 0 ? args : ['test/model'])],
  { stdio: 'inherit', env: { ...process.env, ...(dir !== undefined && { CHART_COVERAGE: dir }) } },
);
if (dir !== undefined && existsSync(dir)) {
  for (const name of readdirSync(dir).filter((each) => each.endsWith('.txt'))) {
    console.log(`\n${name.replace('.txt', '')}, in ${dir}:\n${readFileSync(join(dir, name), 'utf8')}`);
  }
}
process.exitCode = status ?? 1;
