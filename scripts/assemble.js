/** Assembles the WebAssembly of the JSON scanner: `plain-text.wat` becomes a TypeScript module beside it. A test fails when it is stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const SOURCE = new URL('../src/protocol/plain-text.wat', import.meta.url);
const OUT = new URL('../src/protocol/plain-text-module.ts', import.meta.url);
const LINE_CHARS = 96;

/** The TypeScript module that `npm run wasm` writes. */
export const plainTextModule = async () => {
  const assembler = await wabt();
  const { buffer } = assembler.parseWat('plain-text.wat', readFileSync(SOURCE, 'utf8')).toBinary({});
  const base64 = Buffer.from(buffer).toString('base64');
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARS}}`, 'gu')) ?? [];
  return [
    '/** Written by `npm run wasm` from plain-text.wat: the module in base64. */',
    'export const PLAIN_TEXT_MODULE = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
};

if (process.argv[1] === import.meta.filename) writeFileSync(OUT, await plainTextModule());
