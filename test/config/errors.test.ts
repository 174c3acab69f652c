/** docs/errors.md has every error line, and no other. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorGroups, errorTable } from '../../src/config/errors/error-table.ts';
import { scanErrorTexts } from '../support/error-texts.ts';

const { texts, passedOn } = scanErrorTexts();

/** They only put a file, a line or a command around another text. */
const WRAPPERS: ReadonlySet<string> = new Set(['…; see …']);
const isWrapper = (text: string): boolean => !/[a-z]/i.test(text) || WRAPPERS.has(text);

/** Nobody sees them: what throws them catches them, or writes another line. */
const UNSEEN: ReadonlySet<string> = new Set(['is a directory']);

const bare = (text: string): string => text.replace(/^pyrycode-relay: /, '').trimEnd();

const entries = errorGroups.flatMap((group) => group.entries);
const asTemplate = (line: string): string => line.replaceAll(/<[^<>]+>/g, '…');

test('every text of an error in the sources has an entry', () => {
  const documented = new Set(entries.map(({ line }) => asTemplate(line)));
  const missing = texts
    .map(([file, text]) => [file, bare(text)] as const)
    .filter(([, text]) => !isWrapper(text) && !UNSEEN.has(text) && !documented.has(text));
  expect(missing).toEqual([]);
});

test('every entry is the text of an error in the sources', () => {
  const written = new Set(texts.map(([, text]) => bare(text)));
  expect(entries.map(({ line }) => line).filter((line) => !written.has(asTemplate(line)))).toEqual([]);
});

test('no entry is there twice, and each says what it means and what to do', () => {
  const lines = entries.map(({ line }) => line);
  expect(lines).toEqual([...new Set(lines)]);
  for (const { line, means, todo } of entries)
    expect([line, means === '', todo === '']).toEqual([line, false, false]);
});

/** Each takes a text that is scanned where it is made. A new one may hide a text from this test: look where it comes from. */
test('texts are passed on only where that is known', () => {
  expect([...new Set(passedOn)].toSorted()).toEqual([
    'boot/listener-rules.ts: describeCollision()',
    'config/config-error.ts: textOf()',
    'config/text-file.ts: problem',
    'config/token-file.ts: problem',
    'fcm.ts: problem',
    'probe/probe-command.ts: problem',
    'tls.ts: problem',
    'tls.ts: read.err',
    'tls.ts: source',
    'transport/acme/cache-folder.ts: error',
  ]);
});

test('errors.md has the table as it is', () => {
  expect(readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')).toContain(errorTable());
});
