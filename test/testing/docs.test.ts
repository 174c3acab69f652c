/** What docs/testing.md shows is a part of what CI runs. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('each piece of code in docs/testing.md is in the example', () => {
  const example = read('examples/door/door.test.mjs');
  const pieces = [...read('docs/testing.md').matchAll(/```js\n(.+?)```/gs)].map(([, code]) => code ?? '');
  expect(pieces.length).toBeGreaterThanOrEqual(8);
  for (const piece of pieces) expect(example).toContain(piece);
});
