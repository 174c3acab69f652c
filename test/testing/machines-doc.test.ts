/** Runs each piece of code in docs/machines.md as its reader would: as a module that imports the built package by its name. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;
const doc = readFileSync(`${ROOT}docs/machines.md`, 'utf8');

/** The heading above it, and the code. */
const pieces = doc
  .split(/^## /m)
  .slice(1)
  .flatMap((section) =>
    [...section.matchAll(/```js\n(.+?)```/gs)].map(([, code], n) => ({
      name: `${section.split('\n')[0]} ${n + 1}`,
      code: code ?? '',
    })),
  );

describe('docs/machines.md', () => {
  test('has pieces of code', () => {
    expect(pieces.length).toBeGreaterThanOrEqual(6);
  });

  test.each(pieces)('$name', async ({ code }) => {
    // The command by its name, as npm installs it.
    const runnable = code.replace("'npx', ['pyrycode-relay', ", "process.execPath, ['dist/main.js', ");
    expect(code).toContain('assert');
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', runnable], { cwd: ROOT });
  });
});
