import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MIB = 1_024 * 1_024;

const heapGrowth = async (act: string): Promise<number> => {
  const runtime = new URL('../dist/runtime.js', import.meta.url).href;
  const script = `
    const { tuneRuntime } = await import(${JSON.stringify(runtime)});
    const used = () => { gc(); gc(); return process.memoryUsage().heapUsed; };
    const before = used();
    ${act};
    console.log(used() - before);`;
  const args = ['--expose-gc', '--input-type=module', '-e', script];
  return Number((await promisify(execFile)(process.execPath, args)).stdout);
};

test('the ballast of the heap lies in it, and survives collections', async () => {
  const grown = await heapGrowth('tuneRuntime()');
  expect(grown).toBeGreaterThan(7.5 * MIB);
  expect(grown).toBeLessThan(8.5 * MIB);
});

test('without it the heap does not grow', async () => {
  expect(await heapGrowth('')).toBeLessThan(0.5 * MIB);
});
