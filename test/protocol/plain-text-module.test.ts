/** What the scanner loads is assembled from its source. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { plainTextModule } from '../../scripts/assemble.js';

test('plain-text-module.ts is what `npm run wasm` makes of plain-text.wat', async () => {
  const written = readFileSync(new URL('../../src/protocol/plain-text-module.ts', import.meta.url), 'utf8');
  expect(written).toBe(await plainTextModule());
});
